// The k best of a stream of scores, without sorting them all.

/// A bounded heap that keeps the `capacity` best (score, row) pairs: larger scores first, of equal ones the smaller row.
struct BestMatches {
    struct Match: Equatable {
        var score: Float
        var row: Int32

        func ranksBefore(_ other: Match) -> Bool {
            score != other.score ? score > other.score : row < other.row
        }
    }

    private let capacity: Int
    /// A binary heap with the worst match at its root.
    private var heap: [Match] = []

    init(capacity: Int) {
        precondition(capacity >= 1, "room for \(capacity) matches")
        self.capacity = capacity
        heap.reserveCapacity(capacity)
    }

    /// What a score must exceed, or equal with a smaller row, to enter.
    var worst: Float { heap.count < capacity ? -.infinity : heap[0].score }

    mutating func offer(_ score: Float, row: Int32) {
        let match = Match(score: score, row: row)
        if heap.count < capacity {
            heap.append(match)
            var index = heap.count - 1
            while index > 0 {
                let parent = (index - 1) / 2
                guard heap[parent].ranksBefore(heap[index]) else { return }
                heap.swapAt(parent, index)
                index = parent
            }
        } else if match.ranksBefore(heap[0]) {
            heap[0] = match
            sink()
        }
    }

    private mutating func sink() {
        var index = 0
        while true {
            let left = 2 * index + 1
            guard left < heap.count else { return }
            let right = left + 1
            let worse = right < heap.count && heap[left].ranksBefore(heap[right]) ? right : left
            guard heap[index].ranksBefore(heap[worse]) else { return }
            heap.swapAt(index, worse)
            index = worse
        }
    }

    /// The matches, best first.
    var sorted: [Match] { heap.sorted { $0.ranksBefore($1) } }
}
