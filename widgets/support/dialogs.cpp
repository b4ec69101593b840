#include "widgets/support/dialogs.h"

#include <QCoreApplication>
#include <QFileDialog>
#include <QMessageBox>
#include <QPushButton>

namespace perch::widgets {

QString tableFileFilter() {
    return QCoreApplication::translate("Dialogs",
                                       "Tables (*.csv *.csv.gz *.csv.zst *.tsv *.jsonl *.parquet);;All files (*)");
}

Dialogs desktopDialogs() {
    Dialogs dialogs;
    dialogs.saveFile = [](QWidget* parent, const QString& title, const QString& suggestion, const QString& filter) {
        return QFileDialog::getSaveFileName(parent, title, suggestion, filter);
    };
    dialogs.openFile = [](QWidget* parent, const QString& title, const QString& filter) {
        return QFileDialog::getOpenFileName(parent, title, QString(), filter);
    };
    dialogs.tell = [](QWidget* parent, const QString& message) {
        auto* box = new QMessageBox(QMessageBox::Warning, QStringLiteral("Perch"), message, QMessageBox::Close, parent);
        box->setAttribute(Qt::WA_DeleteOnClose);
        box->open();
    };
    dialogs.confirm = [](QWidget* parent, const QString& question, const QString& yes) {
        QMessageBox box(QMessageBox::Question, QStringLiteral("Perch"), question, QMessageBox::Cancel, parent);
        const QAbstractButton* accept = box.addButton(yes, QMessageBox::DestructiveRole);
        box.setDefaultButton(QMessageBox::Cancel);
        box.exec();
        return box.clickedButton() == accept;
    };
    return dialogs;
}

} // namespace perch::widgets
