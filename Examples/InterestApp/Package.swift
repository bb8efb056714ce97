// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "InterestApp",
    platforms: [.macOS(.v15)],
    dependencies: [
        // An app outside this repository writes .package(url: "…", from: "…") here.
        .package(name: "InterestQueryKit", path: "../..")
    ],
    targets: [
        .executableTarget(
            name: "InterestApp",
            dependencies: [.product(name: "InterestQueryKit", package: "InterestQueryKit")],
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
        .executableTarget(
            name: "OwnReward",
            dependencies: [.product(name: "InterestQueryKit", package: "InterestQueryKit")],
            swiftSettings: [.swiftLanguageMode(.v6)]
        ),
    ]
)
