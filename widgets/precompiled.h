#pragma once

// Precompiled for every library of widgets; no source may rely on it: headers are compiled without.
#include <QAbstractItemModel>
#include <QColor>
#include <QFont>
#include <QHBoxLayout>
#include <QPainter>
#include <QPainterPath>
#include <QString>
#include <QStyledItemDelegate>
#include <QTableView>
#include <QVBoxLayout>
#include <QWidget>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>
