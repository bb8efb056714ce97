// How low-rank adapters are made: LoRA (Hu et al., arXiv 2106.09685).

/// Which linear layers get an adapter, of what rank, and how strongly it counts.
public struct LoRAOptions: Sendable, Hashable {
    /// r: columns of B and rows of A, 1 to ``maximumRank``.
    public let rank: Int
    /// Numerator of the scale; a finite number above 0.
    public let alpha: Float
    /// Probability, in 0 ..< 1, with which training drops a number of an adapter's input.
    public let dropout: Float
    /// The adapted linear layers of each layer, in the order of ``AdaptedProjection``.
    public let projections: [AdaptedProjection]
    /// The adapted layers, counted from 0, ascending; nil for all.
    public let layers: [Int]?
    /// Whether the scale is alpha / √r, so that a larger rank learns as fast (Kalajdzievski, arXiv 2312.03732; PEFT's
    /// `use_rslora`); alpha / r otherwise.
    public let isRankStabilized: Bool

    /// The largest rank: more than any layer's width is of no use.
    public static let maximumRank = 65_536

    /// - Parameters:
    ///   - rank: r.
    ///   - alpha: numerator of the scale.
    ///   - dropout: probability of dropping a number of an adapter's input; 0 drops nothing.
    ///   - projections: the adapted linear layers; all of them by default, which works better than query and value alone
    ///     (Dettmers et al., arXiv 2305.14314).
    ///   - layers: the adapted layers, counted from 0; nil for all.
    ///   - isRankStabilized: divide alpha by √r instead of r.
    /// - Throws: ``AdapterError/invalidOption(name:value:expected:)``.
    public init(
        rank: Int = 16,
        alpha: Float = 32,
        dropout: Float = 0,
        projections: [AdaptedProjection] = AdaptedProjection.allCases,
        layers: [Int]? = nil,
        isRankStabilized: Bool = false
    ) throws(AdapterError) {
        guard (1...Self.maximumRank).contains(rank) else {
            throw .invalidOption(name: "rank", value: "\(rank)", expected: "1 to \(Self.maximumRank)")
        }
        guard alpha.isFinite, alpha > 0 else {
            throw .invalidOption(name: "alpha", value: "\(alpha)", expected: "a finite number above 0")
        }
        guard dropout >= 0, dropout < 1 else {
            throw .invalidOption(name: "dropout", value: "\(dropout)", expected: "at least 0 and under 1")
        }
        guard !projections.isEmpty else {
            throw .invalidOption(name: "projections", value: "none", expected: "at least one linear layer")
        }
        if let layers, layers.isEmpty || layers.contains(where: { $0 < 0 }) {
            throw .invalidOption(name: "layers", value: "\(layers)", expected: "numbers of layers, counted from 0")
        }
        self.rank = rank
        self.alpha = alpha
        self.dropout = dropout
        self.projections = AdaptedProjection.allCases.filter { projections.contains($0) }
        self.layers = layers.map { Set($0).sorted() }
        self.isRankStabilized = isRankStabilized
    }

    /// What an adapter's product is multiplied by.
    public var scale: Float { alpha / (isRankStabilized ? Float(rank).squareRoot() : Float(rank)) }

    /// The adapted places of a decoder.
    ///
    /// - Throws: ``AdapterError/invalidOption(name:value:expected:)`` if a layer is not there.
    package func sites(in configuration: DecoderConfiguration) throws(AdapterError) -> [AdapterSite] {
        if let last = layers?.last, last >= configuration.layers {
            throw .invalidOption(name: "layers", value: "\(last)", expected: "under \(configuration.layers)")
        }
        return AdapterSite.all(in: configuration).filter { site in
            projections.contains(site.projection) && (layers?.contains(site.layer) ?? true)
        }
    }
}

extension LoRAOptions: Codable {
    private enum CodingKeys: String, CodingKey {
        case rank, alpha, dropout, projections, layers, isRankStabilized
    }

    /// Checks what it reads as ``init(rank:alpha:dropout:projections:layers:isRankStabilized:)`` does, whose defaults stand for
    /// what is not there.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            rank: values.decodeIfPresent(Int.self, forKey: .rank) ?? 16,
            alpha: values.decodeIfPresent(Float.self, forKey: .alpha) ?? 32,
            dropout: values.decodeIfPresent(Float.self, forKey: .dropout) ?? 0,
            projections: values.decodeIfPresent([AdaptedProjection].self, forKey: .projections)
                ?? AdaptedProjection.allCases,
            layers: values.decodeIfPresent([Int].self, forKey: .layers),
            isRankStabilized: values.decodeIfPresent(Bool.self, forKey: .isRankStabilized) ?? false
        )
    }
}
