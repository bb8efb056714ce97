// Attention of sequences that begin with the same keys: one pass over these for all of them.

import IQTensor
import Testing
import _IQTestSupport

@Suite("Attention over a shared beginning")
struct SharedAttentionTests {
    /// One token each of several sequences, after a beginning that is in the same memory for all and tails of their own.
    private struct Group {
        let shape: AttentionShape
        let format: CacheFormat
        let shared: Int
        let tails: [Int]
        let q: [Float]
        let sharedKeys: [Float], sharedValues: [Float]
        let tailKeys: [[Float]], tailValues: [[Float]]

        init(shape: AttentionShape, format: CacheFormat, shared: Int, tails: [Int], seed: UInt64) {
            var numbers = TestNumbers(seed: seed)
            func cached(_ count: Int) -> [Float] {
                let x = numbers.values(count, scale: 2)
                return format == .f32 ? x : x.map { Float(Float16($0)) }
            }
            let width = shape.kvHeads * shape.headDimension
            self.shape = shape
            self.format = format
            self.shared = shared
            self.tails = tails
            sharedKeys = cached(shared * width)
            sharedValues = cached(shared * width)
            tailKeys = tails.map { cached($0 * width) }
            tailValues = tails.map { cached($0 * width) }
            q = numbers.values(tails.count * shape.heads * shape.headDimension, scale: 3)
        }

        private func block(_ keys: [Float], _ values: [Float], context: ComputeContext) throws -> KeyValueBlock {
            let width = shape.kvHeads * shape.headDimension
            let count = keys.count / width
            let block = try KeyValueBlock(
                layers: 1,
                kvHeads: shape.kvHeads,
                headDimension: shape.headDimension,
                capacity: count + 3,
                format: format
            )
            try context.store(
                keys: try FloatMatrix(rows: count, columns: width, values: keys),
                values: try FloatMatrix(rows: count, columns: width, values: values),
                in: block,
                layer: 0,
                at: 0
            )
            return block
        }

        /// The results of some members, computed in one call.
        func results(of members: Range<Int>, context: ComputeContext) throws -> [Float] {
            let width = shape.heads * shape.headDimension
            let batch = AttentionBatch()
            let beginning = try block(sharedKeys, sharedValues, context: context)
            for (row, member) in members.enumerated() {
                batch.beginSequence(queryStart: row, queryCount: 1, firstPosition: shared + tails[member] - 1)
                batch.append(beginning, count: shared, firstPosition: 0)
                let tail = try block(tailKeys[member], tailValues[member], context: context)
                batch.append(tail, count: tails[member], firstPosition: shared)
            }
            let queries = Array(q[(members.lowerBound * width)..<(members.upperBound * width)])
            let input = try FloatMatrix(rows: members.count, columns: width, values: queries)
            let out = try GuardedMatrix(rows: members.count, columns: width)
            try context.attention(shape, q: input, batch: batch, layer: 0, into: out.matrix)
            #expect(out.isIntact)
            return out.matrix.values
        }

        func expected(_ member: Int) -> [Double] {
            let width = shape.heads * shape.headDimension
            return Reference.attention(
                shape,
                q: Array(q[(member * width)..<((member + 1) * width)]),
                firstPosition: shared + tails[member] - 1,
                keys: sharedKeys + tailKeys[member],
                values: sharedValues + tailValues[member]
            )
        }
    }

    private static func shape(_ heads: Int, _ kvHeads: Int, _ width: Int, cap: Float? = nil) -> AttentionShape {
        AttentionShape(heads: heads, kvHeads: kvHeads, headDimension: width, scale: 0.3, softCap: cap)
    }

    private static let shapes = [shape(3, 3, 64), shape(9, 3, 64, cap: 5), shape(4, 1, 20), shape(16, 1, 8)]
    private static let lengths: [(shared: Int, tails: [Int])] = [
        (1, [1, 2]), (64, [1, 1, 1]), (130, [5, 70, 1, 64, 17]), (33, Array(1...20)),
    ]

    @Test("equals that of each sequence alone, bit for bit, and the naive form", arguments: Machine.all)
    func groups(machine: Machine) throws {
        let context = try machine.context()
        var seed: UInt64 = 0
        for shape in Self.shapes {
            for format in [CacheFormat.f32, .f16] {
                for (shared, tails) in Self.lengths {
                    seed += 1
                    let group = Group(shape: shape, format: format, shared: shared, tails: tails, seed: seed)
                    let together = try group.results(of: 0..<tails.count, context: context)
                    let width = shape.heads * shape.headDimension
                    for member in tails.indices {
                        let row = Array(together[(member * width)..<((member + 1) * width)])
                        let alone = try group.results(of: member..<(member + 1), context: context)
                        #expect(row.map(\.bitPattern) == alone.map(\.bitPattern), "\(shape), \(shared), \(tails)")
                        #expect(worstDifference(row, group.expected(member), floor: 2) < 2e-6, "\(shape), \(shared)")
                    }
                }
            }
        }
    }

    @Test("equals that of each sequence alone where groups share a beginning with each other", arguments: Machine.all)
    func groupsOfGroups(machine: Machine) throws {
        let context = try machine.context()
        let shape = Self.shape(9, 3, 64)
        let width = shape.kvHeads * shape.headDimension, queryWidth = shape.heads * shape.headDimension
        var numbers = TestNumbers(seed: 5)
        func block(_ count: Int) throws -> KeyValueBlock {
            let block = try KeyValueBlock(layers: 1, kvHeads: 3, headDimension: 64, capacity: count, format: .f32)
            let (keys, values) = (numbers.values(count * width, scale: 2), numbers.values(count * width, scale: 2))
            try context.store(
                keys: try FloatMatrix(rows: count, columns: width, values: keys),
                values: try FloatMatrix(rows: count, columns: width, values: values),
                in: block,
                layer: 0,
                at: 0
            )
            return block
        }
        // Three people with one, four and two continuations each; all begin with the same 70 keys.
        let beginning = try block(70)
        var sequences: [[(block: KeyValueBlock, count: Int)]] = []
        for (members, rest) in [(1, 20), (4, 33), (2, 5)] {
            let own = try block(rest)
            for member in 0..<members {
                sequences.append([(beginning, 70), (own, rest), (try block(3 + member), 3 + member)])
            }
        }
        let queries = numbers.values(sequences.count * queryWidth, scale: 3)
        func results(of members: Range<Int>) throws -> [UInt32] {
            let batch = AttentionBatch()
            for (row, member) in members.enumerated() {
                let total = sequences[member].reduce(0) { $0 + $1.count }
                batch.beginSequence(queryStart: row, queryCount: 1, firstPosition: total - 1)
                var position = 0
                for (block, count) in sequences[member] {
                    batch.append(block, count: count, firstPosition: position)
                    position += count
                }
            }
            let rows = Array(queries[(members.lowerBound * queryWidth)..<(members.upperBound * queryWidth)])
            let out = try FloatMatrix(rows: members.count, columns: queryWidth)
            let input = try FloatMatrix(rows: members.count, columns: queryWidth, values: rows)
            try context.attention(shape, q: input, batch: batch, layer: 0, into: out)
            return out.values.map(\.bitPattern)
        }
        let together = try results(of: sequences.indices)
        for member in sequences.indices {
            let alone = try results(of: member..<(member + 1))
            #expect(Array(together[(member * queryWidth)..<((member + 1) * queryWidth)]) == alone, "member \(member)")
        }
    }
}
