// Distillation's options as JSON: an object with the options' names, in which every key is checked.

internal import IQModel
internal import IQTensor
internal import IQTraining

extension DistillationOptions: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case lora, precision, tokensPerMicroBatch, recomputesActivations, promptsPerStep, completionsPerPrompt, steps
        case epochs, learningRate, schedule, adamW, gradientClipping, seed, rollout, objective, onPolicyShare
        case offPolicySource, evaluationInterval, checkpointInterval, keptCheckpoints, nonFiniteLimit
    }

    /// Checks what it reads as the initialiser does, and refuses keys that it does not know. What is not there is as by
    /// default; a null `gradientClipping` is none.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ type: Value.Type = Value.self) throws -> Value? {
            try values.decodeIfPresent(type, forKey: key)
        }
        if try value(.steps, Int.self) != nil, try value(.epochs, Int.self) != nil {
            throw DistillationError.invalidOption(
                name: "epochs",
                value: "given together with steps",
                permitted: "one of the two"
            )
        }
        let standard = try DistillationOptions()
        let clipping: Double? =
            values.contains(.gradientClipping) ? try value(.gradientClipping) : standard.gradientClipping
        try self.init(
            method: try value(.lora, LoRAOptions.self).map { .adapters($0) } ?? .full,
            precision: try value(.precision) ?? standard.precision,
            tokensPerMicroBatch: try value(.tokensPerMicroBatch) ?? standard.tokensPerMicroBatch,
            recomputesActivations: try value(.recomputesActivations) ?? standard.recomputesActivations,
            promptsPerStep: try value(.promptsPerStep) ?? standard.promptsPerStep,
            completionsPerPrompt: try value(.completionsPerPrompt) ?? standard.completionsPerPrompt,
            duration: try value(.steps).map { .steps($0) } ?? value(.epochs).map { .epochs($0) },
            learningRate: try value(.learningRate),
            schedule: try value(.schedule) ?? standard.schedule,
            adamW: try value(.adamW),
            gradientClipping: clipping,
            seed: try value(.seed) ?? standard.seed,
            rollout: try value(.rollout),
            objective: try value(.objective),
            onPolicyShare: try value(.onPolicyShare) ?? standard.onPolicyShare,
            offPolicySource: try value(.offPolicySource) ?? standard.offPolicySource,
            evaluationInterval: try value(.evaluationInterval) ?? standard.evaluationInterval,
            checkpointInterval: try value(.checkpointInterval) ?? standard.checkpointInterval,
            keptCheckpoints: try value(.keptCheckpoints) ?? standard.keptCheckpoints,
            nonFiniteLimit: try value(.nonFiniteLimit) ?? standard.nonFiniteLimit
        )
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encodeIfPresent(method.adapterOptions, forKey: .lora)
        try values.encode(precision, forKey: .precision)
        try values.encode(tokensPerMicroBatch, forKey: .tokensPerMicroBatch)
        try values.encode(recomputesActivations, forKey: .recomputesActivations)
        try values.encode(promptsPerStep, forKey: .promptsPerStep)
        try values.encode(completionsPerPrompt, forKey: .completionsPerPrompt)
        switch duration {
        case .steps(let count): try values.encode(count, forKey: .steps)
        case .epochs(let count): try values.encode(count, forKey: .epochs)
        }
        try values.encode(learningRate, forKey: .learningRate)
        try values.encode(schedule, forKey: .schedule)
        try values.encode(adamW, forKey: .adamW)
        try values.encode(gradientClipping, forKey: .gradientClipping)
        try values.encode(seed, forKey: .seed)
        try values.encode(rollout, forKey: .rollout)
        try values.encode(objective, forKey: .objective)
        try values.encode(onPolicyShare, forKey: .onPolicyShare)
        try values.encode(offPolicySource, forKey: .offPolicySource)
        try values.encode(evaluationInterval, forKey: .evaluationInterval)
        try values.encode(checkpointInterval, forKey: .checkpointInterval)
        try values.encode(keptCheckpoints, forKey: .keptCheckpoints)
        try values.encode(nonFiniteLimit, forKey: .nonFiniteLimit)
    }
}
