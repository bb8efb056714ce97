// The deterministic automaton of a byte program, made state by state as texts need it (the subset construction of Rabin
// and Scott 1959, done lazily). A state is a set of configurations; states, transitions and token masks are kept.

internal import IQText

/// A deterministic automaton that grows as it is used.
struct LazyAutomaton: Sendable {
    /// A state's configurations: for each its node, then the two counters of each counted repetition around it; sorted.
    typealias Key = [UInt32]
    typealias State = Int32

    /// The state after which no text fits: it has no configurations.
    static let dead: State = 0
    private static let unknown: State = -1

    let program: ByteProgram
    /// Grows by one each time the kept states are dropped; a state means something only in its own epoch.
    private(set) var epoch = 0
    private var keys: [Key] = []
    private var stateOfKey: [Key: State] = [:]
    private var transitions: [State] = []
    private var accepting: [Bool] = []
    private var continuing: [Bool] = []

    private let maximumStates: Int

    /// - Parameter maximumStates: with more, the automaton is full.
    init(program: ByteProgram, maximumStates: Int) {
        self.program = program
        self.maximumStates = maximumStates
        reset()
    }

    var stateCount: Int { keys.count }
    var isFull: Bool { keys.count > maximumStates }

    /// Drops all states but the dead one.
    mutating func reset() {
        epoch += 1
        keys.removeAll()
        stateOfKey.removeAll()
        transitions.removeAll()
        accepting.removeAll()
        continuing.removeAll()
        _ = intern([])
    }

    /// The state before the first byte.
    mutating func startState() -> State {
        var closure = Closure(program: program)
        closure.add(node: program.start, counters: [])
        return intern(closure.key)
    }

    func key(of state: State) -> Key { keys[Int(state)] }

    /// True if the text may end in this state.
    func isAccepting(_ state: State) -> Bool { accepting[Int(state)] }

    /// True if a byte may follow in this state.
    func canContinue(_ state: State) -> Bool { continuing[Int(state)] }

    /// The state after one more byte.
    mutating func next(_ state: State, _ byte: UInt8) -> State {
        let slot = Int(state) * program.byteOfClass.count + Int(program.classOfByte[Int(byte)])
        let known = transitions[slot]
        if known != Self.unknown { return known }
        let target = step(state, byte)
        transitions[slot] = target
        return target
    }

    /// The state for these configurations.
    mutating func intern(_ key: Key) -> State {
        if let known = stateOfKey[key] { return known }
        let state = State(keys.count)
        keys.append(key)
        stateOfKey[key] = state
        var accepts = false
        var continues = false
        forEachConfiguration(of: key) { node, _ in
            if case .accept = program.nodes[node] { accepts = true } else { continues = true }
        }
        accepting.append(accepts)
        continuing.append(continues)
        let fill = key.isEmpty ? Self.dead : Self.unknown
        transitions.append(contentsOf: repeatElement(fill, count: program.byteOfClass.count))
        return state
    }

    private mutating func step(_ state: State, _ byte: UInt8) -> State {
        var closure = Closure(program: program)
        forEachConfiguration(of: keys[Int(state)]) { node, counters in
            guard case .arcs(let arcs) = program.nodes[node] else { return }
            for arc in arcs where arc.bytes.contains(byte) {
                closure.add(node: arc.target, counters: Array(counters))
            }
        }
        return intern(closure.key)
    }

    /// The state that stands for all states which no token of up to `length` bytes can tell from this one: counters are
    /// lowered to what such a token can count down, so that the whole middle of a long repetition is one state.
    mutating func representative(of state: State, tokenLength length: Int) -> State {
        var pruned = Antichain()
        var isChanged = false
        forEachConfiguration(of: keys[Int(state)]) { node, counters in
            var counters = Array(counters)
            for (depth, number) in program.enclosing[node].enumerated() {
                // A token of that length begins at most length / roundLength + 1 rounds, so a counter that is larger
                // never reaches zero within it.
                let limit = UInt32(clamping: length / program.repetitions[number].roundLength + 2)
                for place in [2 * depth, 2 * depth + 1]
                where counters[place] > limit && counters[place] != ByteProgram.unlimited {
                    counters[place] = limit
                    isChanged = true
                }
            }
            pruned.insert(node: node, counters: counters)
        }
        return isChanged ? intern(pruned.key) : state
    }

    private func forEachConfiguration(of key: Key, _ body: (_ node: Int, _ counters: ArraySlice<UInt32>) -> Void) {
        var place = 0
        while place < key.count {
            let node = Int(key[place])
            let end = place + 1 + 2 * program.enclosing[node].count
            body(node, key[(place + 1)..<end])
            place = end
        }
    }
}

/// Configurations of which none makes another one superfluous. One does so if it is at the same node, needs no more rounds
/// of any repetition and may have no fewer: then every text that fits after the other fits after it.
private struct Antichain {
    private var countersOfNode: [Int: [[UInt32]]] = [:]

    /// False if the configuration is superfluous.
    @discardableResult mutating func insert(node: Int, counters: [UInt32]) -> Bool {
        var kept = countersOfNode[node] ?? []
        if kept.contains(where: { covers($0, counters) }) { return false }
        kept.removeAll { covers(counters, $0) }
        kept.append(counters)
        countersOfNode[node] = kept
        return true
    }

    private func covers(_ a: [UInt32], _ b: [UInt32]) -> Bool {
        stride(from: 0, to: a.count, by: 2).allSatisfy { a[$0] <= b[$0] && a[$0 + 1] >= b[$0 + 1] }
    }

    var key: LazyAutomaton.Key {
        var key: LazyAutomaton.Key = []
        for (node, list) in countersOfNode.sorted(by: { $0.key < $1.key }) {
            for counters in list.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
                key.append(UInt32(node))
                key += counters
            }
        }
        return key
    }
}

/// What is reached from configurations without reading a byte.
private struct Closure {
    let program: ByteProgram
    private var passed = Antichain()
    private var reached = Antichain()

    init(program: ByteProgram) { self.program = program }

    var key: LazyAutomaton.Key { reached.key }

    mutating func add(node: Int, counters: [UInt32]) {
        var pending = [(node, counters)]
        while let (node, counters) = pending.popLast() {
            switch program.nodes[node] {
            case .arcs, .accept:
                reached.insert(node: node, counters: counters)
            case .split(let targets):
                guard passed.insert(node: node, counters: counters) else { continue }
                for target in targets { pending.append((target, counters)) }
            case .enter(let number):
                let repetition = program.repetitions[number]
                pending.append((repetition.round, counters + [repetition.minimum, repetition.maximum]))
            case .round(let number):
                guard passed.insert(node: node, counters: counters) else { continue }
                let repetition = program.repetitions[number]
                let (needed, allowed) = (counters[counters.count - 2], counters[counters.count - 1])
                if needed == 0 { pending.append((repetition.exit, counters.dropLast(2))) }
                if allowed > 0 {
                    var counters = counters
                    counters[counters.count - 2] = needed == 0 ? 0 : needed - 1
                    if allowed != ByteProgram.unlimited { counters[counters.count - 1] = allowed - 1 }
                    pending.append((repetition.body, counters))
                }
            }
        }
    }
}
