#pragma once

#include <cstdint>

namespace perch::model {

/// The functions of XGBoost's C interface that Perch calls, with their C types, as one table. Every entry but the
/// four named below returns 0, or -1 and leaves its reason in `getLastError` of the same thread. Output pointers belong
/// to the handle they came from and live until its next call on the same thread.
/// `interface` arguments are JSON of the array interface protocol:
/// {"data":[address,true],"shape":[...],"typestr":"<f4","version":3}.
struct XgboostFunctions {
    using Handle = void*;
    using Size = std::uint64_t;
    using NextBatch = int(Handle iterator); ///< 1: a batch was set on the proxy, 0: the end
    using ResetBatches = void(Handle iterator);
    using LogLine = void(const char* line);

    void (*version)(int* major, int* minor, int* patch);
    const char* (*getLastError)();
    int (*buildInfo)(const char** json);
    int (*registerLogCallback)(LogLine* callback);

    // Data. A proxy carries one batch at a time to a matrix under construction.
    int (*proxyCreate)(Handle* out);
    int (*proxySetDense)(Handle proxy, const char* interface);
    int (*proxySetColumns)(Handle proxy, const char* interfaces);
    int (*matrixSetInfo)(Handle matrix, const char* field, const char* interface);
    int (*matrixSetFeatureInfo)(Handle matrix, const char* field, const char** values, Size count);
    int (*quantileMatrixCreate)(Handle iterator, Handle proxy, Handle reference, ResetBatches* reset, NextBatch* next,
                                const char* config, Handle* out);
    /// The same with pages in files, whose place the configuration names.
    int (*externalMatrixCreate)(Handle iterator, Handle proxy, Handle reference, ResetBatches* reset, NextBatch* next,
                                const char* config, Handle* out);
    int (*matrixCreateDense)(const char* interface, const char* config, Handle* out);
    int (*matrixRows)(Handle matrix, Size* out);
    int (*matrixFree)(Handle matrix);

    // Boosters.
    int (*boosterCreate)(const Handle* matrices, Size count, Handle* out);
    int (*boosterFree)(Handle booster);
    int (*boosterSetParameter)(Handle booster, const char* name, const char* value);
    int (*boosterSetFeatureInfo)(Handle booster, const char* field, const char** values, Size count);
    int (*boosterUpdate)(Handle booster, int round, Handle matrix);
    int (*boosterEvaluate)(Handle booster, int round, Handle* matrices, const char** names, Size count,
                           const char** out);
    int (*boosterSlice)(Handle booster, int beginRound, int endRound, int step, Handle* out);
    int (*boosterSave)(Handle booster, const char* config, Size* length, const char** out);
    int (*boosterLoad)(Handle booster, const void* bytes, Size length);
    int (*boosterFeatureCount)(Handle booster, Size* out);
    int (*boosterFeatureScore)(Handle booster, const char* config, Size* featureCount, const char*** features,
                               Size* dimensions, const Size** shape, const float** scores);
    int (*boosterPredictDense)(Handle booster, const char* interface, const char* config, Handle proxy,
                               const Size** shape, Size* dimensions, const float** out);
    int (*boosterPredict)(Handle booster, Handle matrix, const char* config, const Size** shape, Size* dimensions,
                          const float** out);
};

} // namespace perch::model
