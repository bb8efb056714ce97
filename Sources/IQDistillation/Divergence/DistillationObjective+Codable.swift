// Objectives as JSON: names, and the numbers that belong to them.

internal import IQTraining

extension DistillationObjective: Codable {
    private enum Name: String, Codable {
        case reverseKL, forwardKL, jensenShannon, skewedReverseKL, skewedForwardKL
    }

    private enum Support: String, Codable {
        case vocabulary, mostLikely, sampledToken
    }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case divergence, share, over, tokens, temperature
    }

    /// Checks what it reads as the initialiser does, and refuses keys that it does not know. What is not there is as by
    /// default; numbers belong to names that have them.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        let name = try values.decodeIfPresent(Name.self, forKey: .divergence) ?? .reverseKL
        let share = try values.decodeIfPresent(Double.self, forKey: .share)
        let support = try values.decodeIfPresent(Support.self, forKey: .over) ?? .vocabulary
        let tokens = try values.decodeIfPresent(Int.self, forKey: .tokens)
        let path = (decoder.codingPath.map(\.stringValue) + [""]).joined(separator: ".")
        func belongs(_ key: String, _ isGiven: Bool, _ isWanted: Bool, to owner: String) throws(DistillationError) {
            guard isGiven != isWanted else { return }
            throw .invalidOption(
                name: path + key,
                value: isGiven ? "given" : "missing",
                permitted: isGiven ? "none with \(owner)" : "one with \(owner)"
            )
        }
        let isPlain = name == .reverseKL || name == .forwardKL
        try belongs("share", share != nil, !isPlain, to: name.rawValue)
        try belongs("tokens", tokens != nil, support == .mostLikely, to: support.rawValue)
        let divergence: Divergence =
            switch name {
            case .reverseKL: .reverseKL
            case .forwardKL: .forwardKL
            case .jensenShannon: .jensenShannon(beta: share ?? 0)
            case .skewedReverseKL: .skewedReverseKL(alpha: share ?? 0)
            case .skewedForwardKL: .skewedForwardKL(alpha: share ?? 0)
            }
        let terms: DivergenceSupport =
            switch support {
            case .vocabulary: .vocabulary
            case .mostLikely: .mostLikely(tokens ?? 0)
            case .sampledToken: .sampledToken
            }
        try self.init(
            divergence,
            over: terms,
            temperature: try values.decodeIfPresent(Double.self, forKey: .temperature) ?? 1
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        switch divergence {
        case .reverseKL: try values.encode(Name.reverseKL, forKey: .divergence)
        case .forwardKL: try values.encode(Name.forwardKL, forKey: .divergence)
        case .jensenShannon(let share):
            try values.encode(Name.jensenShannon, forKey: .divergence)
            try values.encode(share, forKey: .share)
        case .skewedReverseKL(let share):
            try values.encode(Name.skewedReverseKL, forKey: .divergence)
            try values.encode(share, forKey: .share)
        case .skewedForwardKL(let share):
            try values.encode(Name.skewedForwardKL, forKey: .divergence)
            try values.encode(share, forKey: .share)
        }
        switch support {
        case .vocabulary: try values.encode(Support.vocabulary, forKey: .over)
        case .mostLikely(let count):
            try values.encode(Support.mostLikely, forKey: .over)
            try values.encode(count, forKey: .tokens)
        case .sampledToken: try values.encode(Support.sampledToken, forKey: .over)
        }
        try values.encode(temperature, forKey: .temperature)
    }
}
