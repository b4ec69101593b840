#include "app/cli/context.h"
#include "app/cli/verbs.h"

#include <CLI/CLI.hpp>

#include <iostream>

namespace perch::cli {

namespace {

std::string wordsOf(const CLI::App& app, const CLI::App& root) {
    std::string words;
    for (const CLI::App* verb : app.get_subcommands({}))
        words += verb->get_name() + " ";
    for (const CLI::App* holder : {&app, &root}) {
        for (const CLI::Option* option : holder->get_options({})) {
            for (const std::string& name : option->get_lnames())
                words += "--" + name + " ";
        }
    }
    return words;
}

/// One case per verb path: `"rollout start") words="--to --weight ..." ;;`
void printCases(const CLI::App& app, const CLI::App& root, const std::string& path) {
    std::cout << "        \"" << path << "\") words=\"" << wordsOf(app, root) << "\" ;;\n";
    for (const CLI::App* verb : app.get_subcommands({}))
        printCases(*verb, root, path.empty() ? verb->get_name() : path + " " + verb->get_name());
}

void printBash(const CLI::App& root) {
    std::cout << "# bash completion of perch, made by `perch completion`\n"
                 "_perch() {\n"
                 "    local path=\"\" words=\"\" word\n"
                 "    for word in \"${COMP_WORDS[@]:1:COMP_CWORD-1}\"; do\n"
                 "        case \"$word\" in -*) ;; *) _perch_known \"${path:+$path }$word\" && path=\"${path:+$path "
                 "}$word\" ;; esac\n"
                 "    done\n"
                 "    _perch_known \"$path\"\n"
                 "    COMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
                 "    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -f -- \"${COMP_WORDS[COMP_CWORD]}\"))\n"
                 "}\n"
                 "_perch_known() {\n"
                 "    case \"$1\" in\n";
    printCases(root, root, "");
    std::cout << "        *) return 1 ;;\n"
                 "    esac\n"
                 "}\n"
                 "complete -F _perch perch\n";
}

} // namespace

void addCompletionVerb(CLI::App& app) {
    addVerb(app, "completion", "Print a bash completion script: source <(perch completion)",
        [&app](const Context&) -> Result<int> {
            printBash(app);
            return 0;
        });
}

} // namespace perch::cli
