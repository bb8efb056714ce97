// Distillation's options as JSON: all of them survive, and what nobody reads is refused by name.

import IQDistillation
import IQModel
import IQTraining
import Testing

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

@Suite struct DistillationOptionsTests {
    static func decode(_ json: String) throws -> DistillationOptions {
        try JSONDecoder().decode(DistillationOptions.self, from: Data(json.utf8))
    }

    @Test func `nothing given is the defaults`() throws {
        let options = try Self.decode("{}")
        #expect(try options == DistillationOptions())
        #expect(try options.objective == DistillationObjective(.reverseKL, over: .vocabulary, temperature: 1))
        #expect(options.onPolicyShare == 1 && options.learningRate == 2e-5)
    }

    @Test func `every form survives`() throws {
        let all: [DistillationOptions] = [
            try DistillationOptions(),
            try DistillationOptions(
                method: .adapters(try LoRAOptions(rank: 4)),
                duration: .steps(7),
                gradientClipping: nil,
                rollout: try RolloutOptions(maximumTokens: 9, stopStrings: ["x"], precision: .copy(.q8_0)),
                objective: try DistillationObjective(.jensenShannon(beta: 0.25), over: .mostLikely(32), temperature: 2),
                onPolicyShare: 0.5,
                offPolicySource: .teacher
            ),
            try DistillationOptions(objective: try DistillationObjective(.skewedReverseKL(alpha: 0.1))),
            try DistillationOptions(objective: try DistillationObjective(.skewedForwardKL(alpha: 0.1))),
            try DistillationOptions(objective: try DistillationObjective(.forwardKL)),
            try DistillationOptions(objective: try DistillationObjective(.reverseKL, over: .sampledToken)),
        ]
        for options in all {
            let data = try JSONEncoder().encode(options)
            #expect(try JSONDecoder().decode(DistillationOptions.self, from: data) == options)
        }
    }

    @Test(arguments: [
        (#"{"onPolicyShare": 1.5}"#, "onPolicyShare"),
        (#"{"promptsPerStep": 0}"#, "promptsPerStep"),
        (#"{"steps": 1, "epochs": 1}"#, "epochs"),
        (#"{"lora": {"dropout": 0.1}}"#, "dropout"),
        (#"{"objective": {"share": 0.1}}"#, "share"),
        (#"{"objective": {"divergence": "jensenShannon"}}"#, "share"),
        (#"{"objective": {"over": "mostLikely"}}"#, "tokens"),
        (#"{"objective": {"over": "sampledToken", "temperature": 2}}"#, "sampled tokens"),
        (#"{"objective": {"over": "sampledToken"}, "onPolicyShare": 0.5}"#, "sampled tokens"),
        (#"{"objective": {"over": "sampledToken"}, "rollout": {"precision": "q8_0"}}"#, "sampled tokens"),
    ])
    func `what cannot be is refused by name`(json: String, name: String) throws {
        #expect {
            try Self.decode(json)
        } throws: { error in
            guard case DistillationError.invalidOption(let found, _, _) = error else { return false }
            return found.contains(name)
        }
    }

    @Test(arguments: [#"{"learningrate": 1}"#, #"{"objective": {"kind": 1}}"#, #"{"objective": {"divergence": "x"}}"#])
    func `unknown names are refused`(json: String) {
        #expect(throws: (any Error).self) { try Self.decode(json) }
    }
}
