// swift-tools-version: 6.3
// The architecture as a table: a target may depend only on targets of lower floors.

import PackageDescription

/// What the numeric targets are compiled for, whatever machine builds: x86-64-v3, which x86-64
/// processors have had since 2013 (Intel) and 2017 (AMD); the command looks at its start. Passes
/// that gain from more are chosen at run time (CRows).
#if arch(x86_64)
  let instructionSet = ["-Xcc", "-march=x86-64-v3"]
#else
  let instructionSet: [String] = []
#endif

let house: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableExperimentalFeature("Lifetimes"),
  .treatAllWarnings(as: .error),
]
let library = house + [.strictMemorySafety()]
let numeric = library + [.unsafeFlags(instructionSet)]

let fuzzers: [Target] = [
  // Shares its sources with the fuzzing tests by links.
  .executableTarget(
    name: "StoreFuzzer", dependencies: ["RefluxStorage", "RefluxTargets", "TestSupport"],
    path: "Tests/Fuzzing/Driver", swiftSettings: house)
]

let package = Package(
  name: "reflux",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "reflux", targets: ["reflux"]),
    .library(name: "RefluxTargets", targets: ["RefluxTargets"]),
    .library(name: "RefluxMemory", targets: ["RefluxMemory"]),
    .library(name: "RefluxLosses", targets: ["RefluxLosses"]),
    .library(name: "RefluxKernels", targets: ["RefluxKernels"]),
    .library(name: "RefluxSampling", targets: ["RefluxSampling"]),
    .library(name: "RefluxStorage", targets: ["RefluxStorage"]),
    .library(name: "RefluxPipeline", targets: ["RefluxPipeline"]),
    .library(name: "RefluxModel", targets: ["RefluxModel"]),
    .library(name: "RefluxModelFiles", targets: ["RefluxModelFiles"]),
    .library(name: "RefluxEvaluation", targets: ["RefluxEvaluation"]),
    .library(name: "RefluxCapture", targets: ["RefluxCapture"]),
    .library(name: "RefluxTraining", targets: ["RefluxTraining"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2")
  ],
  targets: [
    // MARK: Doors
    .executableTarget(
      name: "reflux",
      dependencies: [
        "CRows", "RefluxBenchmarks", "RefluxBytes", "RefluxCapture", "RefluxEvaluation",
        "RefluxFiles", "RefluxInterchange", "RefluxJSON", "RefluxKernels", "RefluxLosses",
        "RefluxMemory", "RefluxModel", "RefluxModelFiles", "RefluxPipeline", "RefluxProfiling",
        "RefluxRecipes", "RefluxReport", "RefluxSampling", "RefluxSettings", "RefluxStorage",
        "RefluxTargets", "RefluxTokens", "RefluxTraining",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tools/reflux", swiftSettings: house),

    // MARK: Recipes: whole roads
    .target(
      name: "RefluxRecipes",
      dependencies: [
        "RefluxBytes", "RefluxCapture", "RefluxEvaluation", "RefluxFiles", "RefluxInterchange",
        "RefluxJSON", "RefluxKernels", "RefluxLosses", "RefluxMemory", "RefluxModel",
        "RefluxModelFiles", "RefluxPipeline", "RefluxProfiling", "RefluxRandom", "RefluxReport",
        "RefluxSampling", "RefluxSettings", "RefluxStorage", "RefluxTargets", "RefluxTokens",
        "RefluxTraining",
      ],
      swiftSettings: library),
    .target(
      name: "RefluxBenchmarks",
      dependencies: [
        "RefluxBytes", "RefluxCapture", "RefluxFiles", "RefluxJSON", "RefluxKernels",
        "RefluxLosses", "RefluxMemory", "RefluxModel", "RefluxPipeline", "RefluxProfiling",
        "RefluxRandom", "RefluxSampling", "RefluxStorage", "RefluxTargets", "RefluxTraining",
        "RefluxWorkers",
      ],
      swiftSettings: library),

    // MARK: Test support of the learning modules
    .target(
      name: "LearningSupport",
      dependencies: [
        "RefluxFiles", "RefluxKernels", "RefluxLosses", "RefluxMemory", "RefluxModel",
        "RefluxModelFiles", "RefluxPipeline", "RefluxStorage", "RefluxTargets", "RefluxTraining",
        "TestSupport",
      ],
      path: "Tests/LearningSupport", swiftSettings: house),

    // MARK: Learning
    .target(
      name: "RefluxTraining",
      dependencies: [
        "RefluxBytes", "RefluxEvaluation", "RefluxFiles", "RefluxInterchange", "RefluxJSON",
        "RefluxKernels", "RefluxLosses", "RefluxMemory", "RefluxModel", "RefluxModelFiles",
        "RefluxPipeline", "RefluxProfiling", "RefluxStorage", "RefluxTargets", "RefluxWorkers",
      ],
      swiftSettings: numeric),
    .target(
      name: "RefluxCapture",
      dependencies: [
        "RefluxBytes", "RefluxFiles", "RefluxInterchange", "RefluxKernels", "RefluxLosses",
        "RefluxMemory", "RefluxModel", "RefluxModelFiles", "RefluxPipeline", "RefluxProfiling",
        "RefluxSampling", "RefluxStorage", "RefluxTargets", "RefluxWorkers",
      ],
      swiftSettings: numeric),
    .target(
      name: "RefluxEvaluation",
      dependencies: [
        "RefluxBytes", "RefluxJSON", "RefluxKernels", "RefluxLosses", "RefluxMemory",
        "RefluxModel", "RefluxModelFiles", "RefluxPipeline", "RefluxProfiling", "RefluxRandom",
        "RefluxSampling", "RefluxStorage", "RefluxTargets", "RefluxWorkers",
      ],
      swiftSettings: numeric),
    .target(
      name: "RefluxModelFiles",
      dependencies: [
        "RefluxBytes", "RefluxFiles", "RefluxInterchange", "RefluxJSON", "RefluxKernels",
        "RefluxLosses", "RefluxMemory", "RefluxModel", "RefluxStorage", "RefluxTokens",
      ],
      swiftSettings: numeric),
    .target(
      name: "RefluxModel",
      dependencies: [
        "RefluxBytes", "RefluxJSON", "RefluxKernels", "RefluxLosses", "RefluxMemory",
        "RefluxRandom",
      ],
      swiftSettings: numeric),

    // MARK: Losses
    .target(
      name: "RefluxLosses", dependencies: ["RefluxMemory", "RefluxTargets", "CRows"],
      swiftSettings: numeric),

    // MARK: Data
    .target(
      name: "RefluxPipeline",
      dependencies: [
        "RefluxBytes", "RefluxJSON", "RefluxProfiling", "RefluxRandom", "RefluxStorage",
        "RefluxTargets", "RefluxWorkers",
      ],
      swiftSettings: library),
    .target(
      name: "RefluxStorage",
      dependencies: [
        "CLZ4", "RefluxBytes", "RefluxFiles", "RefluxJSON", "RefluxProfiling", "RefluxTargets",
      ],
      swiftSettings: numeric),
    .target(
      name: "RefluxTokens", dependencies: ["RefluxBytes", "RefluxJSON"], swiftSettings: library),
    .target(
      name: "RefluxInterchange", dependencies: ["RefluxBytes", "RefluxJSON"],
      swiftSettings: library),
    .target(
      name: "RefluxSampling",
      dependencies: ["RefluxMemory", "RefluxRandom", "RefluxTargets", "CRows"],
      swiftSettings: numeric),
    .target(
      name: "RefluxReport", dependencies: ["RefluxBytes", "RefluxTargets"],
      swiftSettings: library),
    .target(name: "RefluxSettings", dependencies: ["RefluxJSON"], swiftSettings: library),

    // MARK: Test support
    .target(
      name: "NumericSupport", dependencies: ["RefluxMemory", "RefluxRandom"],
      path: "Tests/NumericSupport", swiftSettings: house),
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .target(
      name: "TestSupport", dependencies: ["RefluxBytes", "RefluxJSON"], path: "Tests/TestSupport",
      swiftSettings: house),

    // MARK: Ground
    .target(name: "RefluxFiles", dependencies: ["CMapGuard"], swiftSettings: library),
    .target(name: "RefluxJSON", dependencies: ["RefluxBytes"], swiftSettings: library),
    .target(name: "RefluxBytes", swiftSettings: library),
    .target(
      name: "RefluxKernels", dependencies: ["RefluxMemory", "CRows", "COneDNN"],
      swiftSettings: numeric),
    .target(name: "RefluxMemory", dependencies: ["CRows", "CSIMD"], swiftSettings: numeric),
    .target(name: "RefluxProfiling", swiftSettings: library),
    .target(name: "RefluxRandom", swiftSettings: library),
    .target(name: "RefluxWorkers", swiftSettings: library),

    // MARK: Words
    .target(name: "RefluxTargets", swiftSettings: library),

    // MARK: C
    .target(name: "CMapGuard"),
    .target(name: "CRows"),
    .target(name: "CSIMD"),
    .systemLibrary(
      name: "CLZ4", pkgConfig: "liblz4",
      providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),
    .systemLibrary(
      name: "COneDNN", providers: [.apt(["libdnnl-dev"]), .brew(["onednn"])]),

    // MARK: Tests
    .testTarget(
      name: "RefluxBytesTests", dependencies: ["RefluxBytes", "TestSupport"],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxFilesTests", dependencies: ["RefluxFiles", "TestSupport"], swiftSettings: house),
    .testTarget(
      name: "RefluxJSONTests", dependencies: ["RefluxJSON", "TestSupport"], swiftSettings: house),
    .testTarget(
      name: "RefluxStorageTests",
      dependencies: [
        "RefluxStorage", "RefluxBytes", "RefluxFiles", "RefluxTargets", "TestSupport",
      ],
      swiftSettings: house),
    .testTarget(
      name: "RefluxTokensTests",
      dependencies: ["RefluxTokens", "RefluxBytes", "RefluxJSON", "TestSupport"],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxInterchangeTests",
      dependencies: ["RefluxInterchange", "RefluxBytes", "RefluxJSON", "TestSupport"],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxRandomTests", dependencies: ["RefluxRandom", "TestSupport"],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxProfilingTests", dependencies: ["RefluxProfiling", "TestSupport"],
      swiftSettings: house),
    .testTarget(
      name: "RefluxSamplingTests",
      dependencies: [
        "NumericSupport", "RefluxMemory", "RefluxRandom", "RefluxSampling", "RefluxTargets",
        "TestSupport",
      ],
      swiftSettings: house),
    .testTarget(
      name: "RefluxPipelineTests",
      dependencies: [
        "CAllocations", "RefluxFiles", "RefluxJSON", "RefluxPipeline", "RefluxStorage",
        "RefluxTargets", "TestSupport",
      ],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxReportTests", dependencies: ["RefluxReport", "RefluxTargets", "TestSupport"],
      swiftSettings: house),
    .testTarget(
      name: "RefluxSettingsTests", dependencies: ["RefluxSettings", "RefluxJSON", "TestSupport"],
      swiftSettings: house),
    .testTarget(
      name: "RefluxMemoryTests",
      dependencies: ["RefluxMemory", "RefluxRandom", "NumericSupport", "TestSupport"],
      swiftSettings: house),
    .testTarget(
      name: "RefluxLossesTests",
      dependencies: [
        "NumericSupport", "RefluxJSON", "RefluxLosses", "RefluxMemory", "RefluxRandom",
        "RefluxTargets", "TestSupport",
      ],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxKernelsTests",
      dependencies: [
        "NumericSupport", "RefluxKernels", "RefluxMemory", "RefluxRandom", "TestSupport",
      ],
      swiftSettings: house),
    .testTarget(
      name: "RefluxModelTests",
      dependencies: [
        "RefluxKernels", "RefluxLosses", "RefluxMemory", "RefluxModel", "RefluxRandom",
        "RefluxTargets", "TestSupport",
      ],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxModelFilesTests",
      dependencies: [
        "RefluxFiles", "RefluxInterchange", "RefluxKernels", "RefluxLosses", "RefluxMemory",
        "RefluxModel", "RefluxModelFiles", "TestSupport",
      ],
      swiftSettings: house),
    .testTarget(
      name: "RefluxEvaluationTests",
      dependencies: [
        "LearningSupport", "RefluxCapture", "RefluxEvaluation", "RefluxKernels", "RefluxLosses",
        "RefluxMemory", "RefluxModel", "RefluxModelFiles", "RefluxPipeline", "RefluxRandom",
        "RefluxSampling", "RefluxStorage", "RefluxTargets", "RefluxTraining", "TestSupport",
      ],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxCaptureTests",
      dependencies: [
        "LearningSupport", "RefluxCapture", "RefluxFiles", "RefluxInterchange", "RefluxKernels",
        "RefluxLosses", "RefluxMemory", "RefluxModel", "RefluxModelFiles", "RefluxPipeline",
        "RefluxSampling", "RefluxStorage", "RefluxTargets", "RefluxTraining", "TestSupport",
      ],
      swiftSettings: house),
    .testTarget(
      name: "RefluxTrainingTests",
      dependencies: [
        "CAllocations", "LearningSupport", "RefluxBytes", "RefluxCapture", "RefluxEvaluation",
        "RefluxFiles", "RefluxInterchange", "RefluxJSON", "RefluxKernels", "RefluxLosses",
        "RefluxMemory", "RefluxModel", "RefluxModelFiles", "RefluxPipeline", "RefluxRandom",
        "RefluxSampling", "RefluxStorage", "RefluxTargets", "RefluxTraining", "TestSupport",
      ],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxRecipesTests",
      dependencies: [
        "RefluxCapture", "RefluxEvaluation", "RefluxFiles", "RefluxJSON", "RefluxLosses",
        "RefluxModel", "RefluxPipeline", "RefluxRecipes", "RefluxReport", "RefluxSettings",
        "RefluxStorage", "RefluxTargets", "RefluxTokens", "RefluxTraining", "TestSupport",
      ],
      swiftSettings: house),
    .testTarget(
      name: "RefluxBenchmarksTests",
      dependencies: [
        "RefluxBenchmarks", "RefluxFiles", "RefluxJSON", "RefluxRandom", "RefluxStorage",
        "RefluxWorkers", "TestSupport",
      ],
      swiftSettings: house),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "RefluxBytes", "RefluxJSON", "RefluxLosses", "RefluxModel", "RefluxRecipes",
        "RefluxSettings", "RefluxStorage", "RefluxTargets", "TestSupport", "reflux",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: house),
    .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: house),
    .testTarget(
      name: "Fuzzing",
      dependencies: [
        "RefluxCapture", "RefluxInterchange", "RefluxJSON", "RefluxModel", "RefluxPipeline",
        "RefluxRecipes", "RefluxReport", "RefluxSettings", "RefluxStorage", "RefluxTargets",
        "RefluxTokens", "RefluxTraining", "TestSupport",
      ],
      path: "Tests/Fuzzing", exclude: ["Driver"], swiftSettings: house),
  ],
  swiftLanguageModes: [.v6]
)

// `Tools/fuzz` makes an endless fuzzer out of the code of the fuzzing tests.
if Context.environment["REFLUX_FUZZ"] != nil { package.targets += fuzzers }

// `Tools/test` builds no more than the tests of parsers where the address sanitizer watches them.
if Context.environment["REFLUX_PARSERS"] != nil {
  let parsers = ["Bytes", "Storage", "Tokens", "Interchange"].map { "Reflux\($0)Tests" }
  package.products.removeAll { $0.name == "reflux" }
  package.targets.removeAll { target in
    target.type == .executable || target.name == "RefluxBenchmarks"
      || target.type == .test && !(parsers + ["Fuzzing"]).contains(target.name)
  }
}
