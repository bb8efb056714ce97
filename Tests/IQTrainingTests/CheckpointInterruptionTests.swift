// A run that is killed, or refused by the system, at any call of a save leaves the newest whole state loadable.
//
// The calls that change the disk are numbered; a kill before call n is played by letting nothing happen from n on. That
// covers every moment between two calls, and, as writes are cut into pieces, moments within a write.

import IQTraining
import Testing

@Suite struct CheckpointInterruptionTests {
    private let folder: ScratchFolder

    init() throws { folder = try ScratchFolder() }

    private func run(_ path: String, calls: FileCalls, steps: ClosedRange<Int>, best: Set<Int>) throws {
        let store = try CheckpointStore(folder: path, keeping: 2, calls: calls)
        for step in steps { try store.save(step: step, isBest: best.contains(step), SmallState(step: step).write) }
    }

    @Test func `killed before any call, the newest whole state is there, and the next run goes on from it`() throws {
        // Five saves, the first the best one for a while: retention removes some and spares others.
        let observer = CallObserver()
        try run(folder.file("whole"), calls: observer.calls(), steps: 1...5, best: [1, 4])
        let callCount = observer.all.count
        #expect(callCount > 150)
        for number in 1...callCount {
            let path = folder.file("killed-\(number)")
            let killed = CallObserver(killedBefore: number)
            #expect(throws: CheckpointError.self) {
                try run(path, calls: killed.calls(), steps: 1...5, best: [1, 4])
            }
            // What had its name before the kill, and only that.
            let named = killed.all[..<(number - 1)].filter { call in
                guard case .rename(let source, _) = call else { return false }
                return source.contains("/partial-")
            }
            let catalog = CheckpointCatalog(folder: path)
            #expect(try catalog.latest()?.step == (named.isEmpty ? nil : named.count))
            // Nothing under a valid name is damaged, old states included.
            for entry in try catalog.list() {
                #expect(try SmallState(catalog.load(entry)) == SmallState(step: entry.step))
            }
            let best = named.count >= 4 ? 4 : 1
            #expect(try catalog.best()?.step == (named.isEmpty ? nil : best))
            // The next run removes what is left over, and ends where an undisturbed one does.
            try run(path, calls: CallObserver().calls(), steps: (named.count + 1)...6, best: [1, 4])
            #expect(
                try folder.names("killed-\(number)")
                    == [".lock", "step-000000004", "step-000000005", "step-000000006"]
            )
        }
    }

    @Test func `a full disk at any call of a save is reported and leaves the state before and no leftovers`() throws {
        for number in 1... {
            let path = folder.file("full-\(number)")
            try run(path, calls: CallObserver().calls(), steps: 1...1, best: [])
            // Removing still works on a full disk, as it does on a real one.
            let observer = CallObserver { present, call in
                switch call {
                case .remove, .removeFolder: nil
                default: present >= number ? ENOSPC : nil
                }
            }
            var failure: CheckpointError?
            do {
                let store = try CheckpointStore(folder: path, keeping: 2, calls: observer.calls())
                try store.save(step: 2, SmallState(step: 2).write)
            } catch {
                failure = error
            }
            let catalog = CheckpointCatalog(folder: path)
            guard let failure else {
                #expect(number > 15)
                #expect(try catalog.latest()?.step == 2)
                break
            }
            guard case .diskFull(let place) = failure else {
                Issue.record("\(failure)")
                return
            }
            #expect(place.hasPrefix(path))
            #expect(try folder.names("full-\(number)").allSatisfy { $0.hasPrefix("step-") || $0 == ".lock" })
            let (checkpoint, damaged) = try catalog.latestIntact()
            #expect(damaged.isEmpty)
            #expect(try SmallState(checkpoint) == SmallState(step: checkpoint.step))
        }
    }

    @Test func `a folder that cannot be written is refused on opening`() throws {
        let path = folder.file("refused")
        let observer = CallObserver { _, _ in EACCES }
        #expect(throws: CheckpointError.notWritable(path: path, code: EACCES)) {
            try CheckpointStore(folder: path, keeping: 2, calls: observer.calls())
        }
        try folder.write([1], "file")
        #expect(throws: CheckpointError.self) {
            try CheckpointStore(folder: folder.file("file/checkpoints"), keeping: 2)
        }
    }

    /// What a power cut leaves is what was flushed; a rename must not reach the disk before the bytes it names.
    @Test func `bytes are flushed before the name appears, and the name before an old state goes`() throws {
        let path = folder.file("ordered")
        let observer = CallObserver()
        let store = try CheckpointStore(folder: path, keeping: 1, calls: observer.calls())
        try store.save(step: 1, SmallState(step: 1).write)
        observer.clear()
        try store.save(step: 2, SmallState(step: 2).write)
        let calls = observer.all
        func place(_ wanted: (FileCall) -> Bool) throws -> Int {
            let found = calls.firstIndex(where: wanted)
            return try #require(found)
        }
        let created = calls.compactMap { if case .create(let file) = $0 { file } else { nil } }
        #expect(created.count == 4)
        #expect(created.last?.hasSuffix("/checkpoint.json") == true)
        let naming = try place { if case .rename(_, path + "/step-000000002") = $0 { true } else { false } }
        for file in created {
            let lastWrite = try #require(calls.lastIndex { if case .write(file, _) = $0 { true } else { false } })
            let flush = try place { $0 == .flush(file) }
            #expect(lastWrite < flush)
            #expect(flush < naming)
        }
        guard case .rename(let partial, _) = calls[naming] else { return }
        #expect(calls[naming - 1] == .flushFolder(partial))
        #expect(calls[naming + 1] == .flushFolder(path))
        let discarding = try place { if case .rename(path + "/step-000000001", _) = $0 { true } else { false } }
        #expect(discarding > naming + 1)
        #expect(calls[discarding + 1] == .flushFolder(path))
        let removal = try place { if case .remove = $0 { true } else { false } }
        #expect(removal > discarding + 1)
    }

    @Test func `what a killed run left is removed on opening, other things stay`() throws {
        let path = folder.file("left")
        try run(path, calls: FileCalls(), steps: 1...1, best: [])
        for leftover in ["partial-1-1", "trash-77-2", "notes"] {
            try folder.makeFolder("left/" + leftover)
            try folder.write([1, 2, 3], "left/\(leftover)/parameters.safetensors")
        }
        // A file is not ours, whatever its name.
        try folder.write([1], "left/partial-file")
        _ = try CheckpointStore(folder: path, keeping: 2)
        #expect(try folder.names("left") == [".lock", "notes", "partial-file", "step-000000001"])
    }
}
