// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target: strict checks, and spans lent from our own storage.
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "InterestQueryKit",
    platforms: [.macOS(.v15), .iOS(.v18)],
    products: [
        .library(name: "InterestQueryKit", targets: ["InterestQueryKit"]),
        .library(name: "IQNewsIndex", targets: ["IQNewsIndex"]),
        .library(name: "IQChatEndpoint", targets: ["IQChatEndpoint"]),
        .executable(name: "interest-query", targets: ["InterestQueryCommand"]),
    ],
    traits: [
        .trait(name: "MPI", description: "Training over several processes with Open MPI; see Scripts/setup --mpi.")
    ],
    dependencies: [
        // The command line only; the library has no package dependency.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // The news index only.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CIQOpenBLAS",
            pkgConfig: "openblas",
            providers: [.apt(["libopenblas-dev", "liblapacke-dev"]), .brew(["openblas"])]
        ),
        .target(
            name: "CIQKernels",
            dependencies: [.target(name: "CIQOpenBLAS", condition: .when(platforms: [.linux]))],
            cSettings: [.define("IQK_USE_OPENBLAS", .when(platforms: [.linux]))],
            linkerSettings: [
                .linkedFramework("Accelerate", .when(platforms: [.macOS, .iOS])),
                .linkedLibrary("m", .when(platforms: [.linux])),
            ]
        ),
        .target(name: "IQTensor", dependencies: ["CIQKernels"], swiftSettings: swiftSettings),
        .target(name: "IQText", swiftSettings: swiftSettings),
        .target(name: "IQModel", dependencies: ["IQTensor", "IQText"], swiftSettings: swiftSettings),
        .systemLibrary(
            name: "CIQOpenMPI",
            pkgConfig: "ompi-c",
            providers: [.apt(["libopenmpi-dev", "openmpi-bin"]), .brew(["open-mpi"])]
        ),
        .target(
            name: "CIQMPI",
            dependencies: [.target(name: "CIQOpenMPI", condition: .when(traits: ["MPI"]))],
            cSettings: [.define("CIQ_MPI", .when(traits: ["MPI"]))]
        ),
        .target(
            name: "IQTraining",
            dependencies: ["IQModel", "IQText", "IQTensor", "CIQMPI"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "IQPolicy",
            dependencies: ["IQTraining", "IQModel", "IQText", "IQTensor"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "IQDistillation",
            dependencies: ["IQPolicy", "IQTraining", "IQModel", "IQText", "IQTensor"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "IQInterest",
            dependencies: ["IQPolicy", "IQModel", "IQText", "IQTensor"],
            swiftSettings: swiftSettings
        ),
        .target(
            name: "InterestQueryKit",
            dependencies: [
                "IQInterest", "IQDistillation", "IQPolicy", "IQTraining", "IQModel", "IQText", "IQTensor",
            ],
            swiftSettings: swiftSettings
        ),
        // The study of the command line: no app needs it.
        .target(
            name: "IQStudy",
            dependencies: ["IQInterest", "IQTraining", "IQModel", "IQText", "IQTensor"],
            swiftSettings: swiftSettings
        ),
        // hnswlib is headers alone, from the system: libhnswlib-dev, or brew's hnswlib.
        .target(name: "CIQHNSW"),
        .target(
            name: "IQNewsIndex",
            dependencies: [
                "IQInterest", "IQModel", "IQTensor", "CIQHNSW",
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: swiftSettings
        ),
        // A judge over the network, apart from the library, which has no use for one.
        .target(name: "IQChatEndpoint", dependencies: ["IQPolicy", "IQText"], swiftSettings: swiftSettings),
        .executableTarget(
            name: "InterestQueryCommand",
            dependencies: [
                "InterestQueryKit",
                "IQNewsIndex",
                "IQStudy",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: swiftSettings
        ),
        .target(name: "_CIQAllocationCounter"),
        .target(
            name: "_IQTestSupport",
            dependencies: ["IQTensor", "IQText", "IQModel", "_CIQAllocationCounter"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IQTensorTests",
            dependencies: ["IQTensor", "_IQTestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IQTextTests",
            dependencies: ["IQText", "_IQTestSupport"],
            resources: [.copy("Resources")],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IQModelTests",
            dependencies: ["IQModel", "IQText", "IQTensor", "_IQTestSupport"],
            exclude: ["Fixtures"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IQTrainingTests",
            dependencies: ["IQTraining", "IQModel", "IQText", "IQTensor", "_IQTestSupport"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IQPolicyTests",
            dependencies: ["IQPolicy", "_IQTestSupport"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IQDistillationTests",
            dependencies: ["IQDistillation", "IQTraining", "IQModel", "IQText", "IQTensor", "_IQTestSupport"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IQInterestTests",
            dependencies: [
                "IQInterest", "IQPolicy", "IQTraining", "IQModel", "IQText", "IQTensor", "_IQTestSupport",
            ],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IQStudyTests",
            dependencies: ["IQStudy", "IQInterest", "IQTraining"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IQNewsIndexTests",
            dependencies: ["IQNewsIndex", "IQInterest", "IQModel", "IQTensor", "_IQTestSupport"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IQChatEndpointTests",
            dependencies: ["IQChatEndpoint", "IQInterest", "IQPolicy", "IQModel", "IQText"],
            swiftSettings: swiftSettings
        ),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["InterestQueryKit", "InterestQueryCommand", "_IQTestSupport"],
            swiftSettings: swiftSettings
        ),
    ],
    cLanguageStandard: .c11,
    cxxLanguageStandard: .cxx17
)

// Fuzzing needs `package` access, so it lives in this package; only Scripts/fuzz asks for it, and no user builds it.
if Context.environment["INTEREST_QUERY_FUZZ"] != nil {
    package.products.append(.executable(name: "interest-query-fuzz", targets: ["FuzzCommand"]))
    package.targets += [
        .target(name: "CFuzzer", path: "Tests/Fuzzing/CFuzzer"),
        .executableTarget(
            name: "FuzzCommand",
            dependencies: ["CFuzzer", "IQInterest", "IQModel", "IQTensor", "IQText"],
            path: "Tests/Fuzzing/FuzzCommand",
            swiftSettings: swiftSettings
        ),
    ]
}
