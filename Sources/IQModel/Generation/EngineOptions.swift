// How an engine is set up.

public import IQTensor

#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif

/// How a model is loaded and run.
public struct EngineOptions: Sendable, Hashable {
    /// Threads and instruction level; nil takes every processor and the fastest level.
    public var compute: ComputeOptions?
    /// Number format of the weights in memory.
    public var precision: WeightPrecision
    /// How products with stored weights are computed. What that needs is prepared when the model is loaded.
    public var quantizedProduct: QuantizedProduct
    /// Number format of cached keys and values. `f16` halves the cache and changes logits by rounding.
    public var cacheFormat: CacheFormat
    /// Longest sequence in tokens, at least 1; nil takes what the model was made for. Larger values are cut to that.
    public var contextLength: Int?
    /// Sequences decoded together, at least 1; further ones of a batch wait for a place.
    public var maximumBatch: Int
    /// Prompt tokens read in one step, at least 1: the grain of cancellation, and of the memory for activations.
    public var prefillLength: Int
    /// A folder with a low-rank adapter for the model, as PEFT or this library writes it; nil for the model alone.
    public var adapter: URL?

    /// - Throws: ``GenerationError/invalidEngineOption(name:value:)`` if a number is under 1.
    public init(
        compute: ComputeOptions? = nil,
        precision: WeightPrecision = .stored,
        quantizedProduct: QuantizedProduct = .exact,
        cacheFormat: CacheFormat = .f32,
        contextLength: Int? = nil,
        maximumBatch: Int = 32,
        prefillLength: Int = 512,
        adapter: URL? = nil
    ) throws(GenerationError) {
        try Self.require(contextLength ?? 1, "contextLength")
        try Self.require(maximumBatch, "maximumBatch")
        try Self.require(prefillLength, "prefillLength")
        self.compute = compute
        self.precision = precision
        self.quantizedProduct = quantizedProduct
        self.cacheFormat = cacheFormat
        self.contextLength = contextLength
        self.maximumBatch = maximumBatch
        self.prefillLength = prefillLength
        self.adapter = adapter
    }

    /// The defaults.
    public static let `default` = EngineOptions(
        validCompute: nil,
        precision: .stored,
        quantizedProduct: .exact,
        cacheFormat: .f32,
        maximumBatch: 32,
        prefillLength: 512
    )

    private init(
        validCompute compute: ComputeOptions?,
        precision: WeightPrecision,
        quantizedProduct: QuantizedProduct,
        cacheFormat: CacheFormat,
        maximumBatch: Int,
        prefillLength: Int
    ) {
        self.compute = compute
        self.precision = precision
        self.quantizedProduct = quantizedProduct
        self.cacheFormat = cacheFormat
        self.maximumBatch = maximumBatch
        self.prefillLength = prefillLength
    }

    /// The largest ``maximumBatch`` with which a continuation does not depend, bit for bit, on what is decoded beside it: from
    /// the next number on, the products of a step may add in another order.
    public static var independentBatch: Int {
        #if arch(arm64)
            15
        #else
            127
        #endif
    }

    private static func require(_ value: Int, _ name: String) throws(GenerationError) {
        guard value >= 1 else { throw .invalidEngineOption(name: name, value: value) }
    }
}
