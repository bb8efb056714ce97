// The line that says how far a training is.

import IQTraining
import Testing

@Suite struct TrainingProgressTests {
    private static func progress(stepCount: Int?, steps: ClosedRange<Int>, seconds: Double) -> TrainingProgress {
        var progress = TrainingProgress(stepCount: stepCount)
        for step in steps {
            progress.add(
                MetricRecord(
                    step: step,
                    seconds: seconds * Double(step),
                    tokens: 512 * step,
                    metrics: [.init("loss", 3.21449), .init("gradient_norm", 0.5)]
                )
            )
        }
        return progress
    }

    @Test func `step, loss, speed and what is left`() {
        let progress = Self.progress(stepCount: 1000, steps: 1...120, seconds: 0.5)
        #expect(progress.line() == "step 120 of 1000 · loss 3.214 · 1024 tokens/s · 7 min 20 s left")
    }

    @Test func `without an end there is no forecast, before the first step no speed`() {
        #expect(Self.progress(stepCount: nil, steps: 1...2, seconds: 1).line() == "step 2 · loss 3.214 · 512 tokens/s")
        #expect(TrainingProgress(stepCount: 10).line() == "step 0 of 10")
    }

    @Test func `other metrics by name`() {
        let progress = Self.progress(stepCount: 10, steps: 1...10, seconds: 1)
        #expect(
            progress.line(showing: ["loss", "validation_loss", "gradient_norm"])
                == "step 10 of 10 · loss 3.214 · gradient norm 0.5 · 512 tokens/s · 0 s left"
        )
    }

    @Test func `a metric of an earlier step stays until there is a newer one`() {
        var progress = TrainingProgress(stepCount: nil)
        progress.add(MetricRecord(step: 1, seconds: 1, tokens: 1, metrics: [.init("validation_loss", 2)]))
        progress.add(MetricRecord(step: 2, seconds: 2, tokens: 2, metrics: [.init("loss", .nan)]))
        #expect(
            progress.line(showing: ["loss", "validation_loss"])
                == "step 2 · loss not a number · validation loss 2 · 1 tokens/s"
        )
    }

    @Test(arguments: [
        (80, "step 120 of 1000 · loss 3.214 · 1024 tokens/s · 7 min 20 s left"),
        (62, "step 120 of 1000 · loss 3.214 · 1024 tokens/s"),
        (31, "step 120 of 1000 · loss 3.214"), (30, "step 120 of 1000 · loss 3.214"), (29, "step 120 of 1000"),
        (10, ""),
    ])
    func `a narrow terminal gets the parts that fit`(_ columns: Int, _ line: String) {
        let progress = Self.progress(stepCount: 1000, steps: 1...120, seconds: 0.5)
        #expect(progress.line(columns: columns) == line)
    }

    @Test func `the forecast follows the present speed`() {
        var progress = TrainingProgress(stepCount: 300)
        for step in 1...100 {
            progress.add(MetricRecord(step: step, seconds: 10 * Double(step), tokens: step, metrics: []))
        }
        for step in 101...200 {
            progress.add(MetricRecord(step: step, seconds: 1000 + Double(step - 100), tokens: step, metrics: []))
        }
        #expect(progress.secondsLeft == 100)
    }

    @Test func `a resumed run does not count the steps before it`() {
        var progress = TrainingProgress(stepCount: 200, step: 100, tokens: 5000, seconds: 40)
        progress.add(MetricRecord(step: 101, seconds: 42, tokens: 5100, metrics: []))
        #expect(progress.line() == "step 101 of 200 · 50 tokens/s · 3 min 18 s left")
    }

    @Test(arguments: [
        (0.0, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (125, "2 min 05 s"), (11_220, "3 h 07 min"),
        (187_200, "2 d 04 h"), (.infinity, "-"), (-3, "0 s"),
    ])
    func `lengths of time`(_ seconds: Double, _ text: String) { #expect(NumberText.duration(seconds) == text) }

    @Test(arguments: [
        (0.0, "0"), (3.21449, "3.214"), (0.5, "0.5"), (12345.678, "12346"), (1234567, "1234567"), (12345678, "1.235e7"),
        (0.00012, "0.00012"), (2e-5, "2e-5"), (9.99996e-6, "1e-5"), (-0.25, "−0.25"), (99.996, "100"), (9.9996, "10"),
        (.infinity, "∞"), (.nan, "not a number"), (4.0001e-200, "4e-200"),
    ])
    func `numbers with four digits`(_ value: Double, _ text: String) {
        #expect(NumberText.significant(value) == text)
    }

    @Test func `numbers with decimals and groups`() {
        #expect(NumberText.fixed(1.005, decimals: 2) == "1.00")
        #expect(NumberText.fixed(-0.001, decimals: 2) == "0.00")
        #expect(NumberText.fixed(0.05, decimals: 1) == "0.1")
        #expect(NumberText.grouped(1_234_567) == "1\u{202F}234\u{202F}567")
        #expect(NumberText.grouped(-999) == "−999")
    }
}
