// The loops that measure a machine: no round may be left out, and no byte.

import IQTensor
import Testing
import _IQTestSupport

@Suite("Machine peaks")
struct MachinePeakTests {
    /// A lane begins at 0. In a round of f32 it is halved and gets 1, two operations; in one of bf16 and int8 every two
    /// operations add 1.
    @Test(
        "every round is done on every thread",
        arguments: InstructionLevel.supported,
        [0, 1, 2, 3, 5, 7, 8, 15, 17, 33]
    )
    func rounds(level: InstructionLevel, rounds: Int) throws {
        for threads in [1, 3] {
            let context = try ComputeContext(threads: threads, level: level)
            for kind in PeakOperation.allCases {
                guard let (operations, sum) = try context.runOperations(kind, rounds: rounds) else {
                    #expect(kind != .f32 && level != .portable, "\(level) has no \(kind)")
                    continue
                }
                #expect(operations % max(1, threads * rounds) == 0 && (operations > 0) == (rounds > 0))
                switch kind {
                case .f32:
                    let lanes = Double(operations / 2 / max(1, rounds))
                    // 2 - 2^(1 - rounds), which f32 rounds to 2 in the end.
                    let lane = 2 - exponential(-0.6931471805599453 * Double(rounds - 1))
                    #expect(abs(sum - lanes * lane) <= 1e-6 * lanes)
                case .bf16, .int8: #expect(sum == Double(operations) / 2)
                }
            }
        }
    }

    @Test(
        "every byte is read once",
        arguments: [0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 127, 129, 1000, 4099]
    )
    func bytes(count: Int) throws {
        var numbers = TestNumbers(seed: UInt64(count))
        let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: numbers.nextBits()) }
        var expected: UInt64 = 0
        for (index, byte) in bytes.enumerated() { expected &+= UInt64(byte) << UInt64(8 * (index % 8)) }
        for threads in [1, 2, 3, 7] {
            let context = try ComputeContext(threads: threads)
            #expect(try bytes.withUnsafeBytes { try context.readMemory($0) } == expected)
        }
    }

    @Test func peaksAreMeasured() throws {
        let context = try ComputeContext(threads: 1)
        #expect(try #require(try context.peakOperationsPerSecond(.f32)) > 1e8)
        #expect(try context.readBandwidth(byteCount: 1 << 22) > 1e7)
    }
}
