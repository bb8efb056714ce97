// GRPO's options as JSON: an object with the options' names, in which every key is checked.

internal import IQModel
internal import IQTensor
internal import IQTraining

extension GRPOOptions: Codable {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case lora, precision, tokensPerMicroBatch, recomputesActivations, promptsPerStep, groupSize, steps, epochs
        case innerEpochs, learningRate, schedule, adamW, gradientClipping, seed, rollout, advantages, credit, objective
        case reference, cutCompletions, cutPenalty, resamplings, importanceLimit, evaluationInterval
        case evaluatesGreedily, guardRails, checkpointInterval, keptCheckpoints, nonFiniteLimit
    }

    private enum CutKind: String, Codable, CaseIterable { case trained, masked, penalised }

    /// Checks what it reads as the initialiser does, and refuses keys that it does not know. What is not there is as by
    /// default; a null `gradientClipping` is none.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        func value<Value: Decodable>(_ key: CodingKeys, _ type: Value.Type = Value.self) throws -> Value? {
            try values.decodeIfPresent(type, forKey: key)
        }
        if try value(.steps, Int.self) != nil, try value(.epochs, Int.self) != nil {
            throw TrainingError.invalidOption(
                name: "epochs",
                value: "given together with steps",
                permitted: "one of the two"
            )
        }
        let standard = try GRPOOptions()
        let rollout: RolloutOptions = try value(.rollout) ?? standard.rollout
        let clipping: Double? =
            values.contains(.gradientClipping) ? try value(.gradientClipping) : standard.gradientClipping
        let penalty: Double? = try value(.cutPenalty)
        let kind: CutKind = try value(.cutCompletions) ?? (penalty == nil ? .trained : .penalised)
        if kind != .penalised, let penalty {
            throw TrainingError.invalidOption(
                name: "cutPenalty",
                value: "\(penalty)",
                permitted: "none unless cutCompletions is penalised"
            )
        }
        let cut: CutCompletions =
            switch kind {
            case .trained: .trained
            case .masked: .masked
            case .penalised: .penalised(penalty ?? 1)
            }
        try self.init(
            method: try value(.lora, LoRAOptions.self).map { .adapters($0) } ?? .full,
            precision: try value(.precision) ?? standard.precision,
            tokensPerMicroBatch: try value(.tokensPerMicroBatch) ?? standard.tokensPerMicroBatch,
            recomputesActivations: try value(.recomputesActivations) ?? standard.recomputesActivations,
            promptsPerStep: try value(.promptsPerStep) ?? standard.promptsPerStep,
            groupSize: try value(.groupSize) ?? standard.groupSize,
            duration: try value(.steps).map { .steps($0) } ?? value(.epochs).map { .epochs($0) },
            innerEpochs: try value(.innerEpochs) ?? standard.innerEpochs,
            learningRate: try value(.learningRate),
            schedule: try value(.schedule) ?? standard.schedule,
            adamW: try value(.adamW),
            gradientClipping: clipping,
            seed: try value(.seed) ?? standard.seed,
            rollout: rollout,
            advantages: try value(.advantages, AdvantageForm.self)?.estimator ?? standard.advantages,
            credit: try value(.credit) ?? standard.credit,
            objective: try value(.objective, ObjectiveForm.self)?.objective(
                longestCompletion: rollout.maximumTokens
            ),
            reference: try value(.reference, ReferenceForm.self)?.control ?? standard.reference,
            cutCompletions: cut,
            resamplings: try value(.resamplings) ?? standard.resamplings,
            importanceLimit: try value(.importanceLimit) ?? standard.importanceLimit,
            evaluationInterval: try value(.evaluationInterval) ?? standard.evaluationInterval,
            evaluatesGreedily: try value(.evaluatesGreedily) ?? standard.evaluatesGreedily,
            guardRails: try value(.guardRails) ?? standard.guardRails,
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
        try values.encode(groupSize, forKey: .groupSize)
        switch duration {
        case .steps(let count): try values.encode(count, forKey: .steps)
        case .epochs(let count): try values.encode(count, forKey: .epochs)
        }
        try values.encode(innerEpochs, forKey: .innerEpochs)
        try values.encode(learningRate, forKey: .learningRate)
        try values.encode(schedule, forKey: .schedule)
        try values.encode(adamW, forKey: .adamW)
        try values.encode(gradientClipping, forKey: .gradientClipping)
        try values.encode(seed, forKey: .seed)
        try values.encode(rollout, forKey: .rollout)
        try values.encode(advantages, forKey: .advantages)
        try values.encode(credit, forKey: .credit)
        try values.encode(ObjectiveForm(objective), forKey: .objective)
        try values.encode(ReferenceForm(reference), forKey: .reference)
        switch cutCompletions {
        case .trained: try values.encode(CutKind.trained, forKey: .cutCompletions)
        case .masked: try values.encode(CutKind.masked, forKey: .cutCompletions)
        case .penalised(let amount):
            try values.encode(CutKind.penalised, forKey: .cutCompletions)
            try values.encode(amount, forKey: .cutPenalty)
        }
        try values.encode(resamplings, forKey: .resamplings)
        try values.encode(importanceLimit, forKey: .importanceLimit)
        try values.encode(evaluationInterval, forKey: .evaluationInterval)
        try values.encode(evaluatesGreedily, forKey: .evaluatesGreedily)
        try values.encode(guardRails, forKey: .guardRails)
        try values.encode(checkpointInterval, forKey: .checkpointInterval)
        try values.encode(keptCheckpoints, forKey: .keptCheckpoints)
        try values.encode(nonFiniteLimit, forKey: .nonFiniteLimit)
    }
}

/// ``AdvantageEstimator`` with every key optional.
private struct AdvantageForm: Decodable {
    let estimator: AdvantageEstimator

    private enum CodingKeys: String, CodingKey, CaseIterable { case scaling, aggregation, epsilon }

    init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        let standard = AdvantageEstimator.drGRPO
        estimator = try AdvantageEstimator(
            scaling: try values.decodeIfPresent(AdvantageScaling.self, forKey: .scaling) ?? standard.scaling,
            aggregation: try values.decodeIfPresent(RewardAggregation.self, forKey: .aggregation)
                ?? standard.aggregation,
            epsilon: try values.decodeIfPresent(Double.self, forKey: .epsilon) ?? standard.epsilon
        )
    }
}

/// ``ReferenceControl`` as an object: `place` loss or reward, `estimator` k1, k2, k3 or full, `weight`, `correctsBias`.
private struct ReferenceForm: Codable {
    let control: ReferenceControl

    private enum CodingKeys: String, CodingKey, CaseIterable { case place, estimator, weight, correctsBias }
    private enum Place: String, Codable { case loss, reward }
    private static let wholeVocabulary = "full"

    init(_ control: ReferenceControl) { self.control = control }

    init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        let weight = try values.decodeIfPresent(Double.self, forKey: .weight) ?? 0
        let place = try values.decodeIfPresent(Place.self, forKey: .place) ?? .loss
        let name = try values.decodeIfPresent(String.self, forKey: .estimator) ?? KLEstimator.k3.rawValue
        let corrects = try values.decodeIfPresent(Bool.self, forKey: .correctsBias) ?? true
        guard weight != 0 else {
            control = .none
            return
        }
        if name == Self.wholeVocabulary {
            control = place == .loss ? .divergence(weight: weight) : .divergenceReward(weight: weight)
            return
        }
        guard let estimator = KLEstimator(rawValue: name) else {
            throw TrainingError.invalidOption(
                name: "reference.estimator",
                value: name,
                permitted: (KLEstimator.allCases.map(\.rawValue) + [Self.wholeVocabulary]).joined(separator: ", ")
            )
        }
        control =
            place == .loss
            ? .penalty(try KLPenalty(weight: weight, estimator: estimator, correctsBias: corrects))
            : .reward(estimator, weight: weight)
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(control.weight, forKey: .weight)
        switch control {
        case .none: break
        case .penalty(let penalty):
            try values.encode(Place.loss, forKey: .place)
            try values.encode(penalty.estimator.rawValue, forKey: .estimator)
            try values.encode(penalty.correctsBias, forKey: .correctsBias)
        case .divergence:
            try values.encode(Place.loss, forKey: .place)
            try values.encode(Self.wholeVocabulary, forKey: .estimator)
        case .reward(let estimator, _):
            try values.encode(Place.reward, forKey: .place)
            try values.encode(estimator.rawValue, forKey: .estimator)
        case .divergenceReward:
            try values.encode(Place.reward, forKey: .place)
            try values.encode(Self.wholeVocabulary, forKey: .estimator)
        }
    }
}

/// ``PolicyObjective`` without its KL penalty, as a flat object with every key optional.
private struct ObjectiveForm: Codable {
    private enum Kind: String, Codable { case clipped, cispo, soft, gamma }
    private enum Divisor: String, Codable { case constant, tokens, sequences, sequenceSums }

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case ratioLevel, surrogate, clipLow, clipHigh, dualClip, maximumRatio, positiveTemperature, negativeTemperature
        case positiveK, positiveLambda, negativeK, negativeLambda, normalization, divisor, entropyBonus
        case highEntropyShare, offPolicyThreshold
    }

    private var ratioLevel = RatioLevel.token
    private var surrogate = Kind.clipped
    private var numbers: [CodingKeys: Double] = [:]
    private var normalization = Divisor.constant

    private static let numberKeys = CodingKeys.allCases.filter { key in
        switch key {
        case .ratioLevel, .surrogate, .normalization: false
        default: true
        }
    }

    init(from decoder: any Decoder) throws {
        let values = try decoder.checkedContainer(keyedBy: CodingKeys.self)
        ratioLevel = try values.decodeIfPresent(RatioLevel.self, forKey: .ratioLevel) ?? .token
        surrogate = try values.decodeIfPresent(Kind.self, forKey: .surrogate) ?? .clipped
        normalization = try values.decodeIfPresent(Divisor.self, forKey: .normalization) ?? .constant
        for key in Self.numberKeys { numbers[key] = try values.decodeIfPresent(Double.self, forKey: key) }
        try refuse([.clipLow, .clipHigh, .dualClip], unless: .clipped)
        try refuse([.maximumRatio], unless: .cispo)
        try refuse([.positiveTemperature, .negativeTemperature], unless: .soft)
        try refuse([.positiveK, .positiveLambda, .negativeK, .negativeLambda], unless: .gamma)
    }

    /// A number that the surrogate would not look at must not pass for one that counts.
    private func refuse(_ keys: [CodingKeys], unless kind: Kind) throws(TrainingError) {
        guard surrogate != kind else { return }
        for key in keys {
            guard let value = numbers[key] else { continue }
            throw .invalidOption(
                name: "objective.\(key.rawValue)",
                value: "\(value)",
                permitted: "it with the surrogate \(kind.rawValue) only"
            )
        }
    }

    func objective(longestCompletion: Int) throws -> PolicyObjective {
        func number(_ key: CodingKeys, _ standard: Double) -> Double { numbers[key] ?? standard }
        let surrogate: Surrogate =
            switch surrogate {
            case .clipped:
                .clipped(low: number(.clipLow, 0.2), high: number(.clipHigh, 0.2), dual: numbers[.dualClip])
            case .cispo: .cispo(maximum: number(.maximumRatio, 5))
            case .soft:
                .soft(
                    positiveTemperature: number(.positiveTemperature, 1),
                    negativeTemperature: number(.negativeTemperature, 1.05)
                )
            case .gamma:
                .gamma(
                    positive: .init(k: number(.positiveK, 2), lambda: number(.positiveLambda, 3)),
                    negative: .init(k: number(.negativeK, 3), lambda: number(.negativeLambda, 2))
                )
            }
        let normalization: LossNormalization =
            switch normalization {
            case .constant: .constant(number(.divisor, Double(longestCompletion)))
            case .tokens: .tokens
            case .sequences: .sequences
            case .sequenceSums: .sequenceSums
            }
        return try PolicyObjective(
            ratioLevel: ratioLevel,
            surrogate: surrogate,
            normalization: normalization,
            entropyBonus: number(.entropyBonus, 0),
            highEntropyShare: number(.highEntropyShare, 1),
            offPolicyThreshold: numbers[.offPolicyThreshold]
        )
    }

    init(_ objective: PolicyObjective) {
        ratioLevel = objective.ratioLevel
        switch objective.surrogate {
        case .clipped(let low, let high, let dual):
            surrogate = .clipped
            (numbers[.clipLow], numbers[.clipHigh], numbers[.dualClip]) = (low, high, dual)
        case .cispo(let maximum):
            surrogate = .cispo
            numbers[.maximumRatio] = maximum
        case .soft(let positive, let negative):
            surrogate = .soft
            (numbers[.positiveTemperature], numbers[.negativeTemperature]) = (positive, negative)
        case .gamma(let positive, let negative):
            surrogate = .gamma
            (numbers[.positiveK], numbers[.positiveLambda]) = (positive.k, positive.lambda)
            (numbers[.negativeK], numbers[.negativeLambda]) = (negative.k, negative.lambda)
        }
        switch objective.normalization {
        case .constant(let divisor):
            normalization = .constant
            numbers[.divisor] = divisor
        case .tokens: normalization = .tokens
        case .sequences: normalization = .sequences
        case .sequenceSums: normalization = .sequenceSums
        }
        numbers[.entropyBonus] = objective.entropyBonus
        numbers[.highEntropyShare] = objective.highEntropyShare
        numbers[.offPolicyThreshold] = objective.offPolicyThreshold
    }

    func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(ratioLevel, forKey: .ratioLevel)
        try values.encode(surrogate, forKey: .surrogate)
        try values.encode(normalization, forKey: .normalization)
        for (key, value) in numbers { try values.encode(value, forKey: key) }
    }
}
