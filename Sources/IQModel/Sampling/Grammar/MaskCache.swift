// Which tokens may follow in a state of the automaton: found by one walk over the vocabulary's trie, then kept.

internal import IQText

/// An automaton with the masks of its states. One for each compiled grammar, shared by all sequences behind a lock.
struct MaskCache: Sendable {
    private(set) var automaton: LazyAutomaton
    private let vocabulary: GrammarVocabulary
    /// For each tier, the tokens that may follow in a state, by the state that represents it.
    private var allowed: [[LazyAutomaton.State: Allowed]]
    /// The representative of a state, by tier; -1 if it has not been asked for.
    private var representatives: [[LazyAutomaton.State]]
    private var keptBytes = 0
    /// Scratch of the walk: the state after each byte of the current prefix.
    private var prefixStates: [LazyAutomaton.State]

    /// What is kept together must not exceed this; then everything is dropped and made anew.
    private static let maximumBytes = 64 << 20

    private enum Allowed: Sendable {
        /// One bit for each token.
        case bits([UInt64])
        case list([TokenID])
    }

    init(program: ByteProgram, vocabulary: GrammarVocabulary, maximumStates: Int) {
        automaton = LazyAutomaton(program: program, maximumStates: maximumStates)
        self.vocabulary = vocabulary
        allowed = Array(repeating: [:], count: vocabulary.tiers.count)
        representatives = Array(repeating: [], count: vocabulary.tiers.count)
        prefixStates = Array(repeating: 0, count: (vocabulary.tiers.map(\.longest).max() ?? 0) + 1)
    }

    /// Number of kept masks and states, for measurements.
    var maskCount: Int { allowed.reduce(0) { $0 + $1.count } }

    /// A place in the automaton that outlives the dropping of states.
    struct Position: Sendable {
        fileprivate var epoch: Int
        fileprivate var state: LazyAutomaton.State
        fileprivate var key: LazyAutomaton.Key
        /// The text may end here.
        private(set) var mayEnd: Bool
        /// Something may follow.
        private(set) var canContinue: Bool

        fileprivate init(_ state: LazyAutomaton.State, in automaton: LazyAutomaton) {
            epoch = automaton.epoch
            self.state = state
            key = automaton.key(of: state)
            mayEnd = automaton.isAccepting(state)
            canContinue = automaton.canContinue(state)
        }
    }

    mutating func startPosition() -> Position {
        dropIfFull()
        return Position(automaton.startState(), in: automaton)
    }

    /// The position after these bytes, or nil if they do not fit.
    mutating func advance(_ position: Position, by bytes: ArraySlice<UInt8>) -> Position? {
        dropIfFull()
        var state = state(of: position)
        for byte in bytes {
            state = automaton.next(state, byte)
            if state == LazyAutomaton.dead { return nil }
        }
        return Position(state, in: automaton)
    }

    /// Sets the bits of the tokens that may follow, and clears those of all others.
    mutating func fill(_ mask: inout [UInt64], at position: Position) {
        dropIfFull()
        let state = state(of: position)
        for word in mask.indices { mask[word] = 0 }
        for tier in vocabulary.tiers.indices {
            let representative = representative(of: state, tier: tier)
            if allowed[tier][representative] == nil { find(tier: tier, representative) }
            switch allowed[tier][representative] {
            case .bits(let words)?:
                for word in words.indices { mask[word] |= words[word] }
            case .list(let tokens)?:
                for token in tokens { mask[Int(token) / 64] |= 1 << UInt64(token % 64) }
            case nil: break
            }
        }
    }

    private mutating func state(of position: Position) -> LazyAutomaton.State {
        position.epoch == automaton.epoch ? position.state : automaton.intern(position.key)
    }

    private mutating func representative(
        of state: LazyAutomaton.State,
        tier: Int
    ) -> LazyAutomaton.State {
        if Int(state) >= representatives[tier].count {
            let missing = automaton.stateCount - representatives[tier].count
            representatives[tier].append(contentsOf: repeatElement(-1, count: missing))
        }
        let known = representatives[tier][Int(state)]
        if known >= 0 { return known }
        let found = automaton.representative(of: state, tokenLength: vocabulary.tiers[tier].longest)
        representatives[tier][Int(state)] = found
        return found
    }

    /// Walks the automaton over the trie of a tier: a subtree is skipped at its first byte that does not fit.
    private mutating func find(tier: Int, _ state: LazyAutomaton.State) {
        let trie = vocabulary.tiers[tier]
        var found: [TokenID] = []
        prefixStates[0] = state
        var place = 0
        while place < trie.nodes.count {
            let node = trie.nodes[place]
            let next = automaton.next(prefixStates[Int(node.depth)], node.byte)
            if next == LazyAutomaton.dead {
                place = Int(node.end)
                continue
            }
            prefixStates[Int(node.depth) + 1] = next
            let first = place == 0 ? 0 : Int(trie.nodes[place - 1].tokensEnd)
            if first < Int(node.tokensEnd) { found += trie.tokens[first..<Int(node.tokensEnd)] }
            place += 1
        }
        let words = (vocabulary.size + 63) / 64
        if found.count * MemoryLayout<TokenID>.stride < words * MemoryLayout<UInt64>.stride {
            allowed[tier][state] = .list(found)
            keptBytes += found.count * MemoryLayout<TokenID>.stride
        } else {
            var bits = [UInt64](repeating: 0, count: words)
            for token in found { bits[Int(token) / 64] |= 1 << UInt64(token % 64) }
            allowed[tier][state] = .bits(bits)
            keptBytes += words * MemoryLayout<UInt64>.stride
        }
    }

    private mutating func dropIfFull() {
        guard automaton.isFull || keptBytes > Self.maximumBytes else { return }
        automaton.reset()
        for tier in vocabulary.tiers.indices {
            allowed[tier].removeAll()
            representatives[tier].removeAll()
        }
        keptBytes = 0
    }
}
