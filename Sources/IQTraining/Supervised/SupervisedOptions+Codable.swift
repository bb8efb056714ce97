// Supervised options as JSON: one flat object with the options' names.

internal import IQModel
internal import IQTensor

extension SupervisedOptions: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case lora, precision, tokensPerMicroBatch, pairsPerStep, tokensPerStep, epochs, steps, learningRate, schedule
        case adamW, gradientClipping, seed, recomputesActivations, evaluationInterval, patience, checkpointInterval
        case keptCheckpoints, nonFiniteLimit, longPairs
    }

    /// Checks what it reads as the initialiser does, and refuses keys that it does not know. What is not there is as by
    /// default; a null `gradientClipping` is none.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ type: Value.Type = Value.self) throws -> Value? {
            try values.decodeIfPresent(type, forKey: key)
        }
        func oneOf(_ first: CodingKeys, _ second: CodingKeys) throws {
            guard try value(first, Int.self) != nil, try value(second, Int.self) != nil else { return }
            throw TrainingError.invalidOption(
                name: second.rawValue,
                value: "given together with \(first.rawValue)",
                permitted: "one of the two"
            )
        }
        try oneOf(.pairsPerStep, .tokensPerStep)
        try oneOf(.epochs, .steps)
        let standard = try SupervisedOptions()
        let clipping: Double? =
            values.contains(.gradientClipping) ? try value(.gradientClipping) : standard.gradientClipping
        try self.init(
            method: try value(.lora, LoRAOptions.self).map { .adapters($0) } ?? .full,
            precision: try value(.precision) ?? standard.precision,
            tokensPerMicroBatch: try value(.tokensPerMicroBatch) ?? standard.tokensPerMicroBatch,
            stepSize: try value(.pairsPerStep).map { .pairs($0) } ?? value(.tokensPerStep).map { .tokens($0) },
            duration: try value(.epochs).map { .epochs($0) } ?? value(.steps).map { .steps($0) },
            learningRate: try value(.learningRate),
            schedule: try value(.schedule) ?? standard.schedule,
            adamW: try value(.adamW),
            gradientClipping: clipping,
            seed: try value(.seed) ?? standard.seed,
            recomputesActivations: try value(.recomputesActivations) ?? standard.recomputesActivations,
            evaluationInterval: try value(.evaluationInterval),
            patience: try value(.patience),
            checkpointInterval: try value(.checkpointInterval) ?? standard.checkpointInterval,
            keptCheckpoints: try value(.keptCheckpoints) ?? standard.keptCheckpoints,
            nonFiniteLimit: try value(.nonFiniteLimit) ?? standard.nonFiniteLimit,
            longPairs: try value(.longPairs) ?? standard.longPairs
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encodeIfPresent(method.adapterOptions, forKey: .lora)
        try values.encode(precision, forKey: .precision)
        try values.encode(tokensPerMicroBatch, forKey: .tokensPerMicroBatch)
        switch stepSize {
        case .pairs(let count): try values.encode(count, forKey: .pairsPerStep)
        case .tokens(let count): try values.encode(count, forKey: .tokensPerStep)
        }
        switch duration {
        case .epochs(let count): try values.encode(count, forKey: .epochs)
        case .steps(let count): try values.encode(count, forKey: .steps)
        }
        try values.encode(learningRate, forKey: .learningRate)
        try values.encode(schedule, forKey: .schedule)
        try values.encode(adamW, forKey: .adamW)
        try values.encode(gradientClipping, forKey: .gradientClipping)
        try values.encode(seed, forKey: .seed)
        try values.encode(recomputesActivations, forKey: .recomputesActivations)
        try values.encodeIfPresent(evaluationInterval, forKey: .evaluationInterval)
        try values.encodeIfPresent(patience, forKey: .patience)
        try values.encode(checkpointInterval, forKey: .checkpointInterval)
        try values.encode(keptCheckpoints, forKey: .keptCheckpoints)
        try values.encode(nonFiniteLimit, forKey: .nonFiniteLimit)
        try values.encode(longPairs, forKey: .longPairs)
    }
}
