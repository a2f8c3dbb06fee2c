// swift-tools-version: 6.3
// The architecture as a table: a target may depend only on targets of lower floors.

import Foundation
import PackageDescription

/// The instruction set that the numeric targets are compiled for: the best one of this machine,
/// or what `REFLUX_MARCH` names (for example `x86-64-v3`).
let instructionSet: [String] = {
  if let named = ProcessInfo.processInfo.environment["REFLUX_MARCH"] {
    return ["-Xcc", "-march=\(named)"]
  }
  #if arch(x86_64)
    let cpu = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    if cpu.contains(" avx512vl") { return ["-Xcc", "-march=x86-64-v4"] }
    if cpu.contains(" avx2") { return ["-Xcc", "-march=x86-64-v3"] }
  #endif
  return []
}()

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
    name: "StoreFuzzer", dependencies: ["RefluxStorage", "TestSupport"],
    path: "Tests/Fuzzing/Driver", swiftSettings: house)
]

let package = Package(
  name: "reflux",
  platforms: [.macOS(.v26)],
  products: [
    .executable(name: "reflux", targets: ["reflux"]),
    .library(name: "RefluxKernels", targets: ["RefluxKernels"]),
    .library(name: "RefluxSampling", targets: ["RefluxSampling"]),
    .library(name: "RefluxStorage", targets: ["RefluxStorage"]),
    .library(name: "RefluxPipeline", targets: ["RefluxPipeline"]),
    .library(name: "RefluxModel", targets: ["RefluxModel"]),
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
        "RefluxBenchmarks", "RefluxBytes", "RefluxFiles", "RefluxInterchange", "RefluxJSON",
        "RefluxKernels", "RefluxModel", "RefluxPipeline", "RefluxProfiling", "RefluxRecipes",
        "RefluxReport", "RefluxSampling", "RefluxSettings", "RefluxStorage", "RefluxTokens",
        "RefluxTraining",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      path: "Tools/reflux", swiftSettings: house),

    // MARK: Recipes: whole roads
    .target(
      name: "RefluxRecipes",
      dependencies: [
        "RefluxBytes", "RefluxFiles", "RefluxInterchange", "RefluxJSON", "RefluxKernels",
        "RefluxModel", "RefluxPipeline", "RefluxProfiling", "RefluxRandom", "RefluxReport",
        "RefluxSampling", "RefluxSettings", "RefluxStorage", "RefluxTokens", "RefluxTraining",
      ],
      swiftSettings: library),
    .target(
      name: "RefluxBenchmarks",
      dependencies: [
        "RefluxBytes", "RefluxFiles", "RefluxJSON", "RefluxKernels", "RefluxModel",
        "RefluxPipeline", "RefluxProfiling", "RefluxRandom", "RefluxSampling", "RefluxStorage",
        "RefluxTraining",
      ],
      swiftSettings: library),

    // MARK: Learning
    .target(
      name: "RefluxTraining",
      dependencies: [
        "RefluxBytes", "RefluxFiles", "RefluxInterchange", "RefluxJSON", "RefluxKernels",
        "RefluxModel", "RefluxPipeline", "RefluxProfiling", "RefluxRandom", "RefluxSampling",
        "RefluxStorage", "RefluxTokens",
      ],
      swiftSettings: numeric),
    .target(
      name: "RefluxModel",
      dependencies: ["RefluxBytes", "RefluxJSON", "RefluxKernels", "RefluxRandom"],
      swiftSettings: numeric),

    // MARK: Data
    .target(
      name: "RefluxPipeline",
      dependencies: [
        "RefluxBytes", "RefluxStorage", "RefluxRandom", "RefluxProfiling", "RefluxJSON",
      ],
      swiftSettings: library),
    .target(
      name: "RefluxStorage", dependencies: ["RefluxBytes", "RefluxFiles", "RefluxJSON", "CLZ4"],
      swiftSettings: numeric),
    .target(
      name: "RefluxTokens", dependencies: ["RefluxBytes", "RefluxJSON"], swiftSettings: library),
    .target(
      name: "RefluxInterchange", dependencies: ["RefluxBytes", "RefluxJSON"],
      swiftSettings: library),
    .target(
      name: "RefluxSampling", dependencies: ["RefluxKernels", "RefluxRandom"],
      swiftSettings: numeric),
    .target(name: "RefluxReport", dependencies: ["RefluxBytes"], swiftSettings: library),
    .target(name: "RefluxSettings", dependencies: ["RefluxJSON"], swiftSettings: library),

    // MARK: Test support
    .target(name: "CAllocations", path: "Tests/CAllocations"),
    .target(
      name: "TestSupport", dependencies: ["RefluxBytes"], path: "Tests/TestSupport",
      swiftSettings: house),

    // MARK: Ground
    .target(name: "RefluxFiles", dependencies: ["CMapGuard"], swiftSettings: library),
    .target(name: "RefluxJSON", dependencies: ["RefluxBytes"], swiftSettings: library),
    .target(name: "RefluxBytes", swiftSettings: library),
    .target(
      name: "RefluxKernels", dependencies: ["COneDNN", "CRows", "CSIMD"], swiftSettings: numeric),
    .target(name: "RefluxProfiling", swiftSettings: library),
    .target(name: "RefluxRandom", swiftSettings: library),

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
      dependencies: ["RefluxStorage", "RefluxBytes", "RefluxFiles", "TestSupport"],
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
      dependencies: ["RefluxSampling", "RefluxKernels", "RefluxRandom", "TestSupport"],
      swiftSettings: house),
    .testTarget(
      name: "RefluxPipelineTests",
      dependencies: [
        "RefluxPipeline", "RefluxStorage", "RefluxFiles", "RefluxJSON", "CAllocations",
        "TestSupport",
      ],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxReportTests", dependencies: ["RefluxReport", "TestSupport"],
      swiftSettings: house),
    .testTarget(
      name: "RefluxSettingsTests", dependencies: ["RefluxSettings", "RefluxJSON", "TestSupport"],
      swiftSettings: house),
    .testTarget(
      name: "RefluxKernelsTests", dependencies: ["RefluxKernels", "RefluxRandom", "TestSupport"],
      swiftSettings: house),
    .testTarget(
      name: "RefluxModelTests",
      dependencies: ["RefluxModel", "RefluxKernels", "RefluxRandom", "TestSupport"],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxTrainingTests",
      dependencies: [
        "RefluxTraining", "RefluxModel", "RefluxStorage", "RefluxBytes", "RefluxFiles",
        "RefluxInterchange", "RefluxJSON", "RefluxKernels", "RefluxPipeline", "RefluxRandom",
        "RefluxSampling", "CAllocations", "TestSupport",
      ],
      exclude: ["References"], swiftSettings: house),
    .testTarget(
      name: "RefluxRecipesTests",
      dependencies: [
        "RefluxRecipes", "RefluxFiles", "RefluxJSON", "RefluxModel", "RefluxReport",
        "RefluxSettings", "RefluxTokens", "RefluxTraining", "TestSupport",
      ],
      swiftSettings: house),
    .testTarget(
      name: "RefluxBenchmarksTests",
      dependencies: [
        "RefluxBenchmarks", "RefluxJSON", "RefluxRandom", "RefluxStorage", "TestSupport",
      ],
      swiftSettings: house),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "TestSupport", "reflux", "RefluxRecipes", "RefluxSettings", "RefluxStorage",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: house),
    .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: house),
    .testTarget(
      name: "Fuzzing",
      dependencies: [
        "RefluxStorage", "RefluxTokens", "RefluxInterchange", "RefluxJSON", "RefluxModel",
        "RefluxPipeline", "RefluxRecipes", "RefluxReport", "RefluxSettings", "RefluxTraining",
        "TestSupport",
      ],
      path: "Tests/Fuzzing", exclude: ["Driver"], swiftSettings: house),
  ],
  swiftLanguageModes: [.v6]
)

// `Tools/fuzz` makes an endless fuzzer out of the code of the fuzzing tests.
if ProcessInfo.processInfo.environment["REFLUX_FUZZ"] != nil { package.targets += fuzzers }
