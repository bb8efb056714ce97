// Schedules, clipping and the watch over numbers that are not finite, on numbers that can be checked by hand.

import IQTraining
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct LearningRateScheduleTests {
    @Test func warmUpRisesInEqualSteps() throws {
        let schedule = try LearningRateSchedule(.constant, warmUpSteps: 4)
        #expect((0..<6).map { schedule.fraction(step: $0, total: 6) } == [0.25, 0.5, 0.75, 1, 1, 1])
    }

    @Test func linearFallsToItsFraction() throws {
        let schedule = try LearningRateSchedule(.linear(finalFraction: 0.5), warmUpSteps: 1)
        #expect((0..<6).map { schedule.fraction(step: $0, total: 5) } == [1, 1, 0.875, 0.75, 0.625, 0.5])
    }

    @Test func cosineIsHalfwayInTheMiddle() throws {
        let schedule = try LearningRateSchedule(.cosine(finalFraction: 0.2))
        #expect(schedule.fraction(step: 0, total: 10) == 1)
        #expect(abs(schedule.fraction(step: 5, total: 10) - 0.6) < 1e-12)
        #expect(abs(schedule.fraction(step: 10, total: 10) - 0.2) < 1e-12)
        #expect(abs(schedule.fraction(step: 99, total: 10) - 0.2) < 1e-12)
    }

    @Test func warmUpLongerThanTheRunIsHarmless() throws {
        let schedule = try LearningRateSchedule(.cosine(finalFraction: 0), warmUpSteps: 100)
        #expect(schedule.fraction(step: 1, total: 2) == 0.02)
    }

    @Test(arguments: [-0.1, 1.1, Double.nan]) func fractionOutsideItsRangeIsRefused(_ fraction: Double) {
        #expect(throws: TrainingError.self) { try LearningRateSchedule(.linear(finalFraction: fraction)) }
    }

    @Test func decodesWhatItEncodes() throws {
        for schedule in [
            LearningRateSchedule.standard, .constant,
            try LearningRateSchedule(.linear(finalFraction: 0.125), warmUpSteps: 7),
        ] {
            let data = try JSONEncoder().encode(schedule)
            #expect(try JSONDecoder().decode(LearningRateSchedule.self, from: data) == schedule)
        }
    }
}

@Suite struct OptionDecodingTests {
    func decode<Value: Decodable>(_ type: Value.Type, _ text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    @Test func decodedOptionsAreChecked() {
        let expected = TrainingError.invalidOption(name: "beta1", value: "1.5", permitted: "0 ..< 1")
        #expect(throws: expected) { try decode(AdamWOptions.self, #"{"beta1": 1.5}"#) }
        #expect(throws: TrainingError.self) {
            try decode(LearningRateSchedule.self, #"{"decay": "cosine", "warmUpSteps": -1}"#)
        }
    }

    @Test func misspeltKeysAreRefused() {
        #expect(
            throws: TrainingError.invalidOption(
                name: "beta_1",
                value: "an option that there is not",
                permitted: "beta1, beta2, decaysNormsAndBiases, epsilon, weightDecay"
            )
        ) { try decode(AdamWOptions.self, #"{"beta_1": 0.5}"#) }
    }

    @Test func absentKeysAreAsByDefault() throws {
        #expect(try decode(AdamWOptions.self, #"{"weightDecay": 0}"#) == AdamWOptions(weightDecay: 0))
    }
}

@Suite struct NonFiniteGuardTests {
    @Test func clippingLeavesSmallGradientsAlone() {
        #expect(clippingFactor(norm: 0.5, maximum: 1) == 1)
        #expect(clippingFactor(norm: 0, maximum: 1) == 1)
        #expect(clippingFactor(norm: 4, maximum: nil) == 1)
        #expect(abs(clippingFactor(norm: 4, maximum: 1) - 0.25) < 1e-6)
    }

    @Test func aRunOfBadStepsEndsTheTraining() throws {
        var watch = NonFiniteGuard(limit: 3)
        #expect(try watch.permits(step: 1, loss: .nan, gradientNorm: 1) == false)
        #expect(try watch.permits(step: 2, loss: 1, gradientNorm: .infinity) == false)
        #expect(try watch.permits(step: 3, loss: 1, gradientNorm: 1))
        #expect(watch.skipped == 2 && watch.inARow == 0)
        #expect(try watch.permits(step: 4, loss: .nan, gradientNorm: 1) == false)
        #expect(try watch.permits(step: 5, loss: .nan, gradientNorm: 1) == false)
        #expect(throws: TrainingError.notFinite(step: 6, inARow: 3, loss: "nan", gradientNorm: "inf")) {
            try watch.permits(step: 6, loss: .nan, gradientNorm: .infinity)
        }
    }
}
