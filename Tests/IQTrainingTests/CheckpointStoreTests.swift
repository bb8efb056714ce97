// Checkpoints: what goes in comes out, the newest K and the best one stay, and no other process gets in between.

import IQTensor
import IQTraining
import Testing

@Suite struct CheckpointStoreTests {
    private let folder: ScratchFolder
    private var path: String { folder.file("checkpoints") }

    init() throws { folder = try ScratchFolder() }

    private func store(keeping: Int = 3) throws -> CheckpointStore {
        try CheckpointStore(folder: path, keeping: keeping)
    }

    private func save(_ steps: [Int], best: Set<Int> = [], to store: CheckpointStore) throws {
        for step in steps { try store.save(step: step, isBest: best.contains(step), SmallState(step: step).write) }
    }

    private func steps(_ store: CheckpointStore) throws -> [Int] { try store.catalog.list().map(\.step) }

    @Test func `a state comes back bit for bit, random streams and counters included`() throws {
        let store = try store()
        try save([7], to: store)
        let checkpoint = try CheckpointCatalog(folder: path).loadLatest()
        #expect(checkpoint.step == 7)
        #expect(try SmallState(checkpoint) == SmallState(step: 7))
        #expect(try checkpoint.tensors(named: "parameters").map(\.name) == SmallState.weightNames)
        #expect(try checkpoint.tensors(named: "parameters").map(\.shape) == [[2, 3], [1]])
    }

    @Test func `bits of numbers that are no numbers survive, and so do empty lists of tensors`() throws {
        let bits: [UInt32] = [0x7FC0_0001, 0xFF80_0000, 0x8000_0000, 0x0000_0001, 0x7F7F_FFFF]
        let store = try store()
        try store.save(step: 1) { draft throws(CheckpointError) in
            try draft.add([tensor("x", [5], bits.map(Float.init(bitPattern:)))], named: "odd")
            try draft.add([] as [NamedTensor], named: "empty")
        }
        let memory = FloatMemory(count: 5)
        let checkpoint = try store.catalog.loadLatest()
        try checkpoint.read([memory.destination("x", [5], 0..<5)], named: "odd")
        try checkpoint.read([], named: "empty")
        #expect(memory.values.map(\.bitPattern) == bits)
    }

    @Test func `numbers in JSON parts come back exactly`() throws {
        struct Numbers: Codable, Equatable {
            var doubles = [0.1, Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude, -0.0, 1.0 / 3]
            var floats: [Float] = [0.1, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1 / 3]
            var integers: [UInt64] = [0, .max, 1 << 53 + 1]
            var text = "a \"quoted\" / slashed \u{1F600} \u{0} line\n"
        }
        let store = try store()
        try store.save(step: 1) { draft throws(CheckpointError) in try draft.add(Numbers(), named: "numbers") }
        let read = try store.catalog.loadLatest().decode(Numbers.self, named: "numbers")
        #expect(read == Numbers())
        #expect(read.doubles[3].sign == .minus)
    }

    @Test func `the newest three stay`() throws {
        let store = try store(keeping: 3)
        try save([10, 20, 30, 40, 50], to: store)
        #expect(try steps(store) == [30, 40, 50])
        #expect(try folder.names("checkpoints") == [".lock", "step-000000030", "step-000000040", "step-000000050"])
    }

    @Test func `the best one stays beside them until there is a better one`() throws {
        let store = try store(keeping: 2)
        try save([10, 20, 30, 40], best: [10], to: store)
        #expect(try steps(store) == [10, 30, 40])
        #expect(try store.catalog.best()?.step == 10)
        try save([50], best: [50], to: store)
        #expect(try steps(store) == [40, 50])
        let best = try #require(try store.catalog.best())
        #expect(try store.catalog.load(best).isBest)
    }

    @Test func `a state of the same step takes the place of the one before`() throws {
        let store = try store(keeping: 2)
        try save([10, 20], to: store)
        var second = SmallState(step: 20)
        second.bias = [99]
        try store.save(step: 20, second.write)
        #expect(try steps(store) == [10, 20])
        #expect(try SmallState(store.catalog.loadLatest()).bias == [99])
        #expect(try folder.names("checkpoints").last == "step-000000020-2")
    }

    @Test func `states after the one that a run goes on from are removed`() throws {
        let store = try store(keeping: 5)
        try save([10, 20, 30], to: store)
        let first = try #require(try store.catalog.list().first)
        try store.removeNewer(than: first)
        #expect(try steps(store) == [10])
    }

    @Test func `steps are ordered as numbers, also beyond nine digits`() throws {
        let store = try store(keeping: 5)
        try save([9, 100, 1_000_000_000, 999_999_999, 0], to: store)
        #expect(try steps(store) == [0, 9, 100, 999_999_999, 1_000_000_000])
    }

    @Test func `other names in the folder are nobody's checkpoints and stay`() throws {
        let store = try store(keeping: 1)
        try save([1], to: store)
        let others = [
            "checkpoints/step-2", "checkpoints/step-000000003-1", "checkpoints/step-00000000x", "checkpoints/a",
        ]
        for name in others { try folder.write([1], name) }
        try save([5], to: store)
        #expect(try steps(store) == [5])
        for name in others { #expect(try folder.bytes(name) == [1]) }
    }

    @Test func `an empty folder has no latest state`() throws {
        let store = try store()
        #expect(try store.catalog.latest() == nil)
        #expect(throws: CheckpointError.none(folder: path)) { try store.catalog.loadLatest() }
        #expect(throws: CheckpointError.none(folder: path)) { try store.catalog.latestIntact() }
        #expect(try CheckpointCatalog(folder: folder.file("nowhere")).list() == [])
    }

    @Test func `fewer than one cannot be kept`() {
        #expect(throws: CheckpointError.invalidKeeping(0)) { try store(keeping: 0) }
    }

    @Test func `a second store for one folder is refused until the first is gone`() throws {
        do {
            let first = try store()
            #expect(throws: CheckpointError.inUse(folder: path)) { try store() }
            try save([1], to: first)
        }
        try save([2], to: try store())
    }

    @Test func `a number that is not finite has no form in JSON, and nothing is left of the attempt`() throws {
        let store = try store()
        try save([1], to: store)
        #expect(
            throws: CheckpointError.notEncodable(name: "loss", reason: "values.Index 1: nan has no form in JSON")
        ) {
            try store.save(step: 2) { draft throws(CheckpointError) in
                try draft.add(["values": [1, Double.nan]], named: "loss")
            }
        }
        #expect(try folder.names("checkpoints") == [".lock", "step-000000001"])
    }

    @Test func `a part that another kind of training saves is asked for in vain`() throws {
        let store = try store()
        try save([1], to: store)
        let checkpoint = try store.catalog.loadLatest()
        let path = checkpoint.entry.path
        #expect(
            throws: CheckpointError.missingMember(
                path: path,
                name: "rewards.json",
                present: ["state.json", "parameters.safetensors", "moments.safetensors"]
            )
        ) { try checkpoint.decode([Double].self, named: "rewards") }
        struct Other: Decodable { var cursor: String }
        #expect(
            throws: CheckpointError.unexpectedMember(path: path, name: "state.json", reason: "cursor is no String")
        ) { try checkpoint.decode(Other.self, named: "state") }
    }

    @Test func `tensors of another model are named, and nothing is written`() throws {
        let store = try store()
        try save([1], to: store)
        let checkpoint = try store.catalog.loadLatest()
        let memory = FloatMemory(count: 8)
        do {
            try checkpoint.read(
                [
                    memory.destination("model.embed.weight", [3, 2], 0..<6),
                    memory.destination("lm_head.weight", [2], 6..<8),
                ],
                named: "parameters"
            )
            Issue.record("a mismatch was not noticed")
        } catch {
            guard case .tensors(let path, let mismatch) = error else { throw error }
            #expect(path == checkpoint.entry.path + "/parameters.safetensors")
            #expect(mismatch.missing.map(\.name) == ["lm_head.weight"])
            #expect(mismatch.unexpected == ["model.bias"])
            #expect(mismatch.misshapen.map(\.found) == [[2, 3]])
        }
        #expect(memory.values.allSatisfy { $0.isNaN })
    }
}
