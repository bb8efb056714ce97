// The settings of AdamW refuse what cannot be.

import IQTraining
import Testing

@Suite struct AdamWOptionsTests {
    @Test func negativeDecayIsRefused() {
        #expect(
            throws: TrainingError.invalidOption(
                name: "weightDecay",
                value: "-1.0",
                permitted: "a finite number of at least 0"
            )
        ) { try AdamWOptions(weightDecay: -1) }
    }

    @Test(arguments: [Float(1), -0.1, .nan]) func betaOutsideItsRangeIsRefused(_ beta: Float) {
        #expect(throws: TrainingError.self) { try AdamWOptions(beta1: beta) }
        #expect(throws: TrainingError.self) { try AdamWOptions(beta2: beta) }
    }
}
