#include "core/model/training_device.h"

#include "core/model/predict/xgboost_library.h"

namespace perch::model {

TrainingDevice chooseDevice(const XgboostLibrary& library, const std::string& asked) {
    if (asked != "cuda")
        return {};
    if (!library.builtWithCuda())
        return {"cpu", fmt::format("The device cuda was asked for, but {} (XGBoost {}) is built without CUDA; the "
                                   "training runs on the processor. The library of the wheel xgboost has it.",
                                   library.path().string(), library.version())};
    std::error_code code;
    if (!std::filesystem::exists("/dev/nvidiactl", code))
        return {"cpu", "The device cuda was asked for, but this machine has no NVIDIA driver (/dev/nvidiactl); the "
                       "training runs on the processor."};
    return {"cuda", ""};
}

} // namespace perch::model
