// swift-tools-version: 6.3

import PackageDescription

let package = Package(
  name: "dependent",
  platforms: [.macOS(.v26)],
  dependencies: [.package(url: "../reflux", from: "1.0.0")],
  targets: [
    .executableTarget(
      name: "dependent",
      dependencies: [
        .product(name: "RefluxLosses", package: "reflux"),
        .product(name: "RefluxMemory", package: "reflux"),
        .product(name: "RefluxPipeline", package: "reflux"),
        .product(name: "RefluxSampling", package: "reflux"),
        .product(name: "RefluxStorage", package: "reflux"),
      ],
      path: "Sources")
  ])
