// Pairs from files and their tokens.

import IQText
import IQTraining
import Testing
import _IQTestSupport

import IQModel

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct SupervisedPairTests {
    func read(_ text: String) throws -> [SupervisedPair] {
        let folder = try ScratchFolder()
        try folder.write(Array(text.utf8), "pairs.jsonl")
        return try SupervisedPairFile(path: folder.file("pairs.jsonl")).readAll()
    }

    @Test func threeKindsOfLinesAreRead() throws {
        let pairs = try read(
            """
            {"prompt": "a", "completion": "b"}

            {"messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": "r"}], "id": 7}
            {"prompt_tokens": [1, 2], "completion_tokens": [3]}
            """
        )
        #expect(
            pairs == [
                .text(prompt: "a", completion: "b"), .messages([.user("q"), .assistant("r")]),
                .tokens(prompt: [1, 2], completion: [3]),
            ]
        )
    }

    @Test(
        arguments: [
            (#"{"prompt": "a"}"#, PairFileError.LineProblem.missingField("completion")),
            (#"{"text": "a"}"#, .notAPair(fields: ["text"])),
            (
                #"{"prompt": 3, "completion": ""}"#,
                .wrongType(field: "prompt", expected: "a string", found: "a number")
            ),
            (#"[1]"#, .wrongType(field: nil, expected: "an object", found: "an array")),
        ]
    ) func wrongLinesAreNamed(_ line: String, _ problem: PairFileError.LineProblem) throws {
        let error = #expect(throws: PairFileError.self) {
            _ = try read(#"{"prompt": "a", "completion": "b"}"# + "\n" + line)
        }
        guard case .invalidLine(_, let number, _, let found) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(number == 2 && found == problem)
    }

    @Test func textIsTokenizedApartAndEnded() throws {
        let tokenizer = try TinyTokenizer.make()
        let tokenization = PairTokenization(tokenizer: tokenizer, vocabularySize: 97, limit: 64)
        let pair = try tokenization.tokens(of: .text(prompt: "ab", completion: "c"))
        #expect(pair.tokens == tokenizer.encode("abc") + [TinyTokenizer.end])
        #expect(pair.promptCount == 2)
    }

    @Test func theLastTurnIsLearnt() throws {
        let tokenizer = try TinyTokenizer.make()
        let tokenization = PairTokenization(tokenizer: tokenizer, vocabularySize: 97, limit: 64)
        let pair = try tokenization.tokens(of: .messages([.user("q"), .assistant("r")]))
        #expect(tokenizer.decode(pair.tokens[..<pair.promptCount]) == "<user>q\n<assistant>")
        #expect(tokenizer.decode(pair.tokens[pair.promptCount...]) == "r\n<|end|>")
        #expect(throws: PairProblem.lastTurnIsNotTheAssistants(role: "user")) {
            try tokenization.tokens(of: .messages([.user("q")]))
        }
    }

    @Test func everyPassTakesEveryPairOnceInAnotherOrder() throws {
        let data = try SmallData.tokenized(SmallData.pairs(23))
        for size in [SupervisedOptions.StepSize.pairs(4), .tokens(30), .pairs(.max)] {
            let plan = PairPlan(pairs: data, stepSize: size, seed: 3)
            #expect(plan.order(epoch: 0) != plan.order(epoch: 1))
            var steps = 0
            for epoch in 0..<2 {
                let order = plan.order(epoch: epoch)
                #expect(order.sorted() == Array(0..<23))
                var position = 0
                while position < 23 {
                    position = plan.step(at: position, of: order).upperBound
                    steps += 1
                }
            }
            #expect(plan.steps(.epochs(2)) == steps)
        }
    }

    @Test func optionsDecodeWhatTheyEncode() throws {
        let options = try SupervisedOptions(
            method: .adapters(try LoRAOptions(rank: 4)),
            stepSize: .tokens(99),
            duration: .steps(7),
            gradientClipping: nil,
            patience: 3,
            longPairs: .skip
        )
        let decoded = try JSONDecoder().decode(SupervisedOptions.self, from: try JSONEncoder().encode(options))
        #expect(decoded == options)
        #expect(throws: TrainingError.self) {
            try JSONDecoder().decode(SupervisedOptions.self, from: Data(#"{"steps": 0}"#.utf8))
        }
        #expect(throws: TrainingError.self) {
            try JSONDecoder().decode(SupervisedOptions.self, from: Data(#"{"step": 1}"#.utf8))
        }
    }
}
