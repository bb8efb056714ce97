// A grammar as a nondeterministic automaton over bytes (Thompson, "Regular expression search algorithm", CACM 1968), with
// counted repetitions kept as counters instead of copies: 12 items of 90 characters take two counters, not 1,080 copies.

/// A nondeterministic automaton with counters.
///
/// A configuration is a node and, for each counted repetition around it, how many more rounds must begin and how many may.
/// The part of the grammar that follows is a function of the configuration alone.
struct ByteProgram: Sendable {
    enum Node: Sendable {
        /// Reads one byte. A byte may be in several arcs.
        case arcs([Arc])
        /// Goes on at each of the nodes without reading.
        case split([Int])
        /// Begins a counted repetition: its counters start.
        case enter(repetition: Int)
        /// Between two rounds of a counted repetition: begins another one, or leaves.
        case round(repetition: Int)
        /// The text is complete.
        case accept
    }

    struct Arc: Sendable, Hashable {
        var bytes: ByteSet
        var target: Int
    }

    struct Repetition: Sendable {
        var minimum: UInt32
        /// `unlimited` if there is no upper bound.
        var maximum: UInt32
        /// The node between rounds, the first of a round, and the one after the last.
        var round: Int
        var body: Int
        var exit: Int
        /// The fewest bytes of one round that is not empty; at least 1.
        var roundLength: Int
    }

    static let unlimited = UInt32.max
    static let supportedBounds = 0...1_000_000

    private(set) var nodes: [Node] = []
    /// The counted repetitions around each node, the outermost first.
    private(set) var enclosing: [[Int]] = []
    private(set) var repetitions: [Repetition] = []
    private(set) var start = 0
    /// Bytes that no arc tells apart share a class.
    private(set) var classOfByte: [UInt8] = []
    /// One byte of each class.
    private(set) var byteOfClass: [UInt8] = []
    private var nodeOfArcs: [[Arc]: Int] = [:]

    init(_ expression: ByteExpression) throws(GrammarError) {
        try checkBounds(of: expression)
        guard expression.shortestLength != nil else { throw .matchesNothing }
        let accept = add(.accept, enclosing: [])
        start = compile(expression, then: accept, enclosing: [])
        nodeOfArcs = [:]
        findByteClasses()
    }

    // MARK: Construction, from the last node to the first

    /// Adds the nodes of an expression that matches something, followed by `next`; returns the first of them.
    private mutating func compile(_ expression: ByteExpression, then next: Int, enclosing outer: [Int]) -> Int {
        switch expression {
        case .bytes(let set):
            return addArcs([Arc(bytes: set, target: next)], enclosing: outer)
        case .sequence(let parts):
            return parts.reversed().reduce(next) { compile($1, then: $0, enclosing: outer) }
        case .choice(let branches):
            let starts = branches.filter { $0.shortestLength != nil }.map {
                compile($0, then: next, enclosing: outer)
            }
            return addSplit(starts, enclosing: outer)
        case .repetition(let body, let minimum, let maximum):
            guard maximum != 0, let roundLength = body.shortestLength else { return next }
            if maximum == 1 {
                let once = compile(body, then: next, enclosing: outer)
                return minimum == 1 ? once : addSplit([once, next], enclosing: outer)
            }
            if maximum == nil, minimum <= 1 {
                let again = add(.split([]), enclosing: outer)
                let first = compile(body, then: again, enclosing: outer)
                nodes[again] = .split([first, next])
                return minimum == 1 ? first : again
            }
            return addCounted(
                body,
                // Rounds of an empty text cost nothing, so they can make up any lower bound.
                minimum: roundLength == 0 ? 0 : UInt32(minimum),
                maximum: maximum.map { UInt32($0) } ?? Self.unlimited,
                roundLength: max(1, roundLength),
                then: next,
                enclosing: outer
            )
        }
    }

    private mutating func addCounted(
        _ body: ByteExpression,
        minimum: UInt32,
        maximum: UInt32,
        roundLength: Int,
        then next: Int,
        enclosing outer: [Int]
    ) -> Int {
        let number = repetitions.count
        let inner = outer + [number]
        let round = add(.round(repetition: number), enclosing: inner)
        repetitions.append(
            Repetition(
                minimum: minimum,
                maximum: maximum,
                round: round,
                body: round,
                exit: next,
                roundLength: roundLength
            )
        )
        repetitions[number].body = compile(body, then: round, enclosing: inner)
        return add(.enter(repetition: number), enclosing: outer)
    }

    private mutating func add(_ node: Node, enclosing outer: [Int]) -> Int {
        nodes.append(node)
        enclosing.append(outer)
        return nodes.count - 1
    }

    /// Equal arcs share a node, so that the tails of UTF-8 sequences do.
    private mutating func addArcs(_ arcs: [Arc], enclosing outer: [Int]) -> Int {
        if let known = nodeOfArcs[arcs] { return known }
        let node = add(.arcs(arcs), enclosing: outer)
        nodeOfArcs[arcs] = node
        return node
    }

    /// Branches that begin with a byte are joined into one node.
    private mutating func addSplit(_ starts: [Int], enclosing outer: [Int]) -> Int {
        var joined: [Arc] = []
        var others: [Int] = []
        for start in starts {
            if case .arcs(let arcs) = nodes[start] {
                joined += arcs
            } else if !others.contains(start) {
                others.append(start)
            }
        }
        if !joined.isEmpty { others.append(addArcs(joined, enclosing: outer)) }
        return others.count == 1 ? others[0] : add(.split(others), enclosing: outer)
    }

    private mutating func findByteClasses() {
        var sets: Set<ByteSet> = []
        for case .arcs(let arcs) in nodes { for arc in arcs { sets.insert(arc.bytes) } }
        let ordered = Array(sets)
        var classes: [[Bool]: UInt8] = [:]
        for byte in UInt8.min...UInt8.max {
            let signature = ordered.map { $0.contains(byte) }
            if let known = classes[signature] {
                classOfByte.append(known)
            } else {
                let number = UInt8(byteOfClass.count)
                classes[signature] = number
                classOfByte.append(number)
                byteOfClass.append(byte)
            }
        }
    }
}

private func checkBounds(of expression: ByteExpression) throws(GrammarError) {
    switch expression {
    case .bytes: return
    case .sequence(let parts), .choice(let parts):
        for part in parts { try checkBounds(of: part) }
    case .repetition(let body, let minimum, let maximum):
        let supported = ByteProgram.supportedBounds
        guard supported.contains(minimum), maximum.map({ supported.contains($0) && $0 >= minimum }) ?? true else {
            throw .invalidRepetition(minimum: minimum, maximum: maximum, supported: supported)
        }
        try checkBounds(of: body)
    }
}
