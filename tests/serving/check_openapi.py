#!/usr/bin/env python3
"""Holds a running model server against its own OpenAPI document.

    check_openapi.py URL CASES.json

CASES.json is a list of [method, path, body as text, headers]. The document itself must be valid OpenAPI 3.1. For each case: a
body that its schema takes must be answered with 2xx or 503, one that it does not take with 400; and every answer must
have a status that the operation names (or `default`) and fit the schema given for it. Prints one line of JSON.
"""

import json
import sys
import urllib.error
import urllib.request

from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator


def send(url, method, path, body, headers):
    request = urllib.request.Request(url + path, method=method, data=None if body is None else body.encode(),
                                     headers={"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers["Content-Type"]


def resolved(document, part):
    while "$ref" in part:
        target = document
        for key in part["$ref"].removeprefix("#/").split("/"):
            target = target[key.replace("~1", "/").replace("~0", "~")]
        part = target
    return part


def validator(document, schema):
    # References point into the document, so the schema is checked as a part of it.
    return Draft202012Validator({"components": document["components"], "allOf": [schema]})


def schema_of(document, holder):
    return resolved(document, holder)["content"]["application/json"]["schema"]


def parsed(text):
    def refuse(name):
        raise ValueError(name)
    try:
        return json.loads(text, parse_constant=refuse), True
    except ValueError:
        return None, False


def check(document, url, case):
    method, path, body, headers = case
    operation = document["paths"].get(path, {}).get(method.lower())
    if operation is None:
        return f"{method} {path} is not in the document"
    status, answer, media_type = send(url, method, path, body, headers)
    fits = True
    if body is not None:
        value, is_json = parsed(body)
        fits = is_json and validator(document, schema_of(document, operation["requestBody"])).is_valid(value)
        if fits and not (200 <= status < 300 or status == 503):
            return f"{method} {path} {body[:300]}: the document takes it, the server answers {status}: {answer[:300]}"
        if not fits and status != 400:
            return f"{method} {path} {body[:300]}: the document does not take it, the server answers {status}"
    response = operation["responses"].get(str(status), operation["responses"].get("default"))
    if response is None:
        return f"{method} {path}: the status {status} is not in the document"
    if media_type not in resolved(document, response)["content"]:
        return f"{method} {path} {status}: the document does not know answers of {media_type}"
    if media_type != "application/json":
        return "good" if fits else "bad"
    errors = list(validator(document, schema_of(document, response)).iter_errors(json.loads(answer)))
    if errors:
        return f"{method} {path} {status}: the answer {answer[:300]} does not fit: {errors[0].message[:300]}"
    return "good" if fits else "bad"


def main():
    url, cases_file = sys.argv[1:]
    document = json.loads(send(url, "GET", "/openapi.json", None, {})[1])
    problems = [str(error.message)[:300] for error in OpenAPIV31SpecValidator(document).iter_errors()]
    counts = {"good": 0, "bad": 0}
    tried = set()
    with open(cases_file) as file:
        cases = json.load(file)
    for case in cases:
        outcome = check(document, url, case)
        tried.add((case[0], case[1]))
        if outcome in counts:
            counts[outcome] += 1
        else:
            problems.append(outcome)
    for path, item in document["paths"].items():
        problems += [f"{method.upper()} {path} was not tried" for method in item if (method.upper(), path) not in tried]
    print(json.dumps({"paths": len(document["paths"]), **counts, "problems": problems[:20]}))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
