import IQModel
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct SamplingOptionsTests {
    @Test func `values outside their domain are refused with the value`() {
        for value in [-1, .nan, .infinity, .leastNonzeroMagnitude] as [Float] {
            #expect(throws: SamplingError.invalidTemperature(value)) { try SamplingOptions(temperature: value) }
        }
        #expect(throws: SamplingError.invalidTopK(-1)) { try SamplingOptions(topK: -1) }
        for value in [0, -0.1, 1.01, .nan] as [Float] {
            #expect(throws: SamplingError.invalidTopP(value)) { try SamplingOptions(topP: value) }
        }
        for value in [-0.1, 1.01, .nan] as [Float] {
            #expect(throws: SamplingError.invalidMinP(value)) { try SamplingOptions(minP: value) }
        }
        for value in [0, -1, .nan, .infinity] as [Float] {
            #expect(throws: SamplingError.invalidRepetitionPenalty(value)) {
                try SamplingOptions(repetitionPenalty: value)
            }
        }
        #expect(throws: SamplingError.invalidRepetitionWindow(0)) { try SamplingOptions(repetitionWindow: 0) }
    }

    @Test func `errors say the value and the way out`() {
        #expect(SamplingError.invalidTopK(-3).description.contains("-3"))
        #expect(SamplingError.invalidTopP(0) != SamplingError.invalidMinP(0))
    }

    @Test func `the bounds of each domain are accepted`() throws {
        _ = try SamplingOptions(temperature: 0, topK: 0, topP: 1, minP: 0, repetitionPenalty: 1)
        _ = try SamplingOptions(temperature: 1e30, topK: .max, topP: 1e-30, minP: 1, repetitionPenalty: 1e-30)
        #expect(try SamplingOptions() == .default)
        #expect(try SamplingOptions(temperature: 0) == .greedy)
        #expect(SamplingOptions.greedy.isGreedy)
    }

    @Test func `options survive encoding, and absent values take their defaults`() throws {
        let options = try SamplingOptions(
            temperature: 0.7,
            topK: 20,
            topP: 0.8,
            minP: 0.05,
            repetitionPenalty: 1.1,
            repetitionWindow: 64
        )
        #expect(try JSONDecoder().decode(SamplingOptions.self, from: JSONEncoder().encode(options)) == options)
        #expect(
            try JSONDecoder().decode(SamplingOptions.self, from: Data(#"{"topK": 3}"#.utf8)) == SamplingOptions(topK: 3)
        )
    }

    @Test func `decoding refuses what the initialiser refuses`() {
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(SamplingOptions.self, from: Data(#"{"topP": 1.5}"#.utf8))
        }
        guard case .dataCorrupted(let context)? = error else {
            Issue.record("the error is \(String(describing: error))")
            return
        }
        #expect(context.underlyingError as? SamplingError == .invalidTopP(1.5))
    }
}
