#include "widgets/evaluate/metrics_card.h"

#include "widgets/charts/chart_table.h"
#include "widgets/charts/table_look.h"
#include "widgets/support/run_label.h"
#include "widgets/support/theme.h"

#include <QPainter>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <numeric>

namespace perch::widgets {

namespace {

constexpr double kMetricRow = 32, kMetricHeader = 26; ///< pixels at 100 %
struct MetricColumn {
    enum Index { Name, Candidate, Baseline, Change, Strip, Word, ColumnCount };
};

class MetricsDelegate : public QStyledItemDelegate {
public:
    MetricsDelegate(const std::vector<present::MetricRow>* rows, QObject* parent)
        : QStyledItemDelegate(parent), m_rows(rows) {}

    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        if (option.state & QStyle::State_Selected)
            painter->fillRect(option.rect, theme().sel);
        painter->fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), theme().line);
        paintCell(*painter, option.rect, (*m_rows)[static_cast<std::size_t>(index.row())], index.column());
        painter->restore();
    }

private:
    /// A bold value followed by its small interval.
    static void paintPair(QPainter& painter, const QRect& area, const Text& value, const Text& small,
                          present::Tone tone, Qt::Alignment side) {
        RunStyle large{.size = Size::Secondary, .color = theme().text(tone), .argumentWeight = 600};
        RunStyle interval{.size = Size::Caption, .color = theme().ink3};
        const int valueWidth = runsWidth(value, large), gap = small.empty() ? 0 : px(4),
                  smallWidth = small.empty() ? 0 : runsWidth(small, interval);
        QRect row = area;
        if (side & Qt::AlignRight)
            row.setLeft(area.right() + 1 - valueWidth - gap - smallWidth);
        paintRuns(painter, row, value, large);
        paintRuns(painter, row.adjusted(valueWidth + gap, 1, 0, 1), small, interval);
    }

    static void paintStrip(QPainter& painter, const QRect& area, const present::MetricRow& row) {
        const QRectF strip = QRectF(area).adjusted(px(10), 0, -px(10), 0);
        const double middle = strip.center().x(), y = strip.center().y();
        painter.fillRect(QRectF(std::round(middle), strip.top() + px(5), 1, strip.height() - px(10)), theme().line2);
        if (row.change.empty())
            return;
        const QColor color = row.verdict == present::State::Undecided ? theme().ink2 : theme().text(row.verdict);
        const double half = strip.width() / 2, x = middle + std::clamp(row.position, -1.0, 1.0) * half;
        painter.setPen(QPen(color, 2, Qt::SolidLine, Qt::FlatCap));
        painter.drawLine(QPointF(std::max(strip.left(), x - row.halfWidth * half), y),
                         QPointF(std::min(strip.right(), x + row.halfWidth * half), y));
        painter.setPen(Qt::NoPen);
        painter.setBrush(color);
        if (row.verdict == present::State::Fail) // worse is a diamond: shape and color say it
            painter.drawPolygon(QPolygonF({{x, y - 4.5}, {x + 4.5, y}, {x, y + 4.5}, {x - 4.5, y}}));
        else
            painter.drawEllipse(QPointF(x, y), 3.5, 3.5);
    }

    static void paintCell(QPainter& painter, const QRect& area, const present::MetricRow& row, int column) {
        RunStyle style;
        style.color = theme().ink;
        switch (column) {
        case MetricColumn::Name:
            style.size = Size::Body;
            paintRuns(painter, area.adjusted(px(16), 0, -px(4), 0), row.name, style);
            break;
        case MetricColumn::Candidate:
            paintPair(painter, area.adjusted(px(8), 0, 0, 0), row.candidate.text, row.candidateInterval,
                      row.candidate.tone, Qt::AlignLeft);
            break;
        case MetricColumn::Baseline:
            style.color = theme().ink2;
            paintRuns(painter, area.adjusted(px(8), 0, 0, 0), row.baseline, style);
            break;
        case MetricColumn::Change:
            paintPair(painter, area, row.change, row.changeMargin, present::Tone::Plain, Qt::AlignRight);
            break;
        case MetricColumn::Strip:
            paintStrip(painter, area, row);
            break;
        default:
            style.color = row.verdict == present::State::Undecided ? theme().ink2 : theme().text(row.verdict);
            paintRuns(painter, area.adjusted(px(8), 0, -px(8), 0), row.word, style);
        }
    }

    const std::vector<present::MetricRow>* m_rows;
};

/// The line under the table, with a rule over it.
class Foot : public QWidget {
public:
    using QWidget::QWidget;

protected:
    void paintEvent(QPaintEvent*) override { QPainter(this).fillRect(QRect(0, 0, width(), 1), theme().line); }
};

QString joined(const Text& a, const Text& b) {
    return b.empty() ? toQString(a) : toQString(a) + QLatin1Char(' ') + toQString(b);
}

} // namespace

MetricsCard::MetricsCard(QWidget* parent)
    : Card(parent),
      m_view(new QTableView(this)),
      m_model(new ChartTableModel(this)),
      m_summary(new RunLabel(this)),
      m_foot(new Foot(this)) {
    setTitle(PERCH_TEXT("Evaluate", "Metrics"));
    body()->setContentsMargins(0, 0, 0, 0);
    body()->setSpacing(0);
    m_view->setObjectName(QStringLiteral("metricsTable"));
    m_view->setAccessibleName(tr("Metrics"));
    m_view->setModel(m_model);
    m_view->setItemDelegate(new MetricsDelegate(&m_rows, m_view));
    prepareTable(*m_view, px(kMetricRow), px(kMetricHeader));
    auto* foot = new QVBoxLayout(m_foot);
    foot->setContentsMargins(px(16), px(8), px(16), px(10));
    m_summary->setWrapping(true);
    m_summary->setMonoArguments(false);
    foot->addWidget(m_summary);
    body()->addWidget(m_view, 1);
    body()->addWidget(m_foot);
}

void MetricsCard::setScreen(const present::EvaluateScreen& screen) {
    setNote(screen.metricsNote);
    m_rows = screen.metrics;
    const bool compared = !screen.baseline.empty();
    ChartTable table;
    table.headers = {tr("Metric"),
                     tr("%1 candidate").arg(toQString(screen.candidate)),
                     compared ? toQString(screen.baseline) : QString(),
                     compared ? tr("Change") : QString(),
                     compared ? tr("worse  0  better") : QString(),
                     QString()};
    table.alignments = {Qt::AlignLeft, Qt::AlignLeft, Qt::AlignLeft, Qt::AlignRight, Qt::AlignHCenter, Qt::AlignLeft};
    for (const auto& row : m_rows)
        table.rows.append({toQString(row.name), joined(row.candidate.text, row.candidateInterval),
                           toQString(row.baseline), joined(row.change, row.changeMargin), QString(),
                           toQString(row.word)});
    m_model->setTable(table);
    m_summary->setText(screen.metricsSummary);
    m_foot->setVisible(!screen.metricsSummary.empty());
    m_view->setMinimumHeight(px(kMetricHeader) + px(kMetricRow) * static_cast<int>(m_rows.size()) + 2);
    sizeColumns();
}

void MetricsCard::sizeColumns() {
    const QFontMetrics words(textFont(Size::Body)), numbers(textFont(Size::Secondary, Face::Mono, 600)),
        small(textFont(Size::Caption, Face::Mono));
    const auto wide = [](const QFontMetrics& metrics, const Text& text) {
        return metrics.horizontalAdvance(toQString(text));
    };
    const QFontMetrics captions(textFont(Size::Caption, Face::Words, 600));
    const int scale = captions.horizontalAdvance(
                          m_model->headerData(MetricColumn::Strip, Qt::Horizontal, Qt::DisplayRole).toString()) +
                      px(16);
    std::array<int, MetricColumn::ColumnCount> widths{px(80), px(110), px(50), px(90), std::max(px(40), scale), px(56)};
    for (const auto& row : m_rows) {
        widths[MetricColumn::Name] = std::max(widths[MetricColumn::Name], wide(words, row.name) + px(24));
        widths[MetricColumn::Candidate] =
            std::max(widths[MetricColumn::Candidate],
                     wide(numbers, row.candidate.text) + wide(small, row.candidateInterval) + px(18));
        widths[MetricColumn::Baseline] = std::max(widths[MetricColumn::Baseline], wide(numbers, row.baseline) + px(14));
        widths[MetricColumn::Change] =
            std::max(widths[MetricColumn::Change], wide(numbers, row.change) + wide(small, row.changeMargin) + px(14));
        widths[MetricColumn::Word] = std::max(widths[MetricColumn::Word], wide(words, row.word) + px(20));
    }
    // What is left over goes to the strip, up to a point, then to the columns of values.
    const int spare = m_view->viewport()->width() - std::accumulate(widths.begin(), widths.end(), 0);
    const int strip = std::clamp(spare, 0, px(40));
    widths[MetricColumn::Strip] += strip;
    for (const int column : {MetricColumn::Name, MetricColumn::Candidate, MetricColumn::Baseline, MetricColumn::Change})
        widths[column] += std::max(0, spare - strip) / 4;
    widths[MetricColumn::Name] =
        std::max(px(72), widths[MetricColumn::Name] + std::min(0, spare)); // names give way, numbers do not
    for (std::size_t column = 0; column < widths.size(); ++column)
        m_view->setColumnWidth(static_cast<int>(column), widths[column]);
}

void MetricsCard::resizeEvent(QResizeEvent* event) {
    Card::resizeEvent(event);
    sizeColumns();
}

} // namespace perch::widgets
