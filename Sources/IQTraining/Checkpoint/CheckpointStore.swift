// Saves training states so that a kill at any moment leaves the newest whole one under its name.
//
// A state is written to a folder `partial-…`; its files and the folder are flushed to the disk; then the folder is renamed,
// which is one step to every observer. States beyond the last K go to the name `trash-…` before their files are removed, so
// that no name of a state ever stands for half of one. What a killed run left under these two names is removed when the
// next one begins.

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// The checkpoints of one training run. One process at a time may have a store open for a folder; others may read it
/// through ``CheckpointCatalog``. Not Sendable.
package final class CheckpointStore {
    package let catalog: CheckpointCatalog
    /// How many checkpoints are kept, the best one not counted.
    package let keeping: Int
    package var folder: String { catalog.folder }

    private let calls: FileCalls
    private let lock: FolderLock
    private var temporaryNames = 0

    private static let partialPrefix = "partial-"
    private static let trashPrefix = "trash-"

    /// Makes the folder if there is none, and removes what killed runs left in it.
    ///
    /// - Parameters:
    ///   - keeping: how many checkpoints stay, at least 1; while one is saved the disk holds one more.
    /// - Throws: ``CheckpointError/invalidKeeping(_:)``, ``CheckpointError/inUse(folder:)``, and when writing fails.
    package convenience init(folder: String, keeping: Int) throws(CheckpointError) {
        try self.init(folder: folder, keeping: keeping, calls: FileCalls())
    }

    package init(folder: String, keeping: Int, calls: FileCalls) throws(CheckpointError) {
        guard keeping >= 1 else { throw .invalidKeeping(keeping) }
        do {
            try calls.makeFolders(folder)
        } catch {
            throw CheckpointError(writing: error)
        }
        catalog = CheckpointCatalog(folder: folder)
        self.keeping = keeping
        self.calls = calls
        lock = try FolderLock(folder: folder)
        try removeLeftovers()
    }

    // MARK: Saving

    /// Saves a state; when the call returns it is on the disk, whole.
    ///
    /// - Parameters:
    ///   - step: optimiser steps done.
    ///   - isBest: whether no earlier state was better. The newest such state is kept whatever its age.
    ///   - write: adds the parts.
    /// - Throws: what `write` throws; ``CheckpointError/diskFull(path:)`` and ``CheckpointError/notWritable(path:code:)``.
    ///   Earlier states are as they were, and nothing of this one is left; except that, if only the removal of an old state
    ///   failed, this one is saved.
    @discardableResult
    package func save(
        step: Int,
        isBest: Bool = false,
        _ write: (CheckpointDraft) throws(CheckpointError) -> Void
    ) throws(CheckpointError) -> CheckpointEntry {
        precondition(step >= 0, "a checkpoint of step \(step)")
        let last = try catalog.list().last { $0.step == step }
        let entry = CheckpointEntry(step: step, revision: (last?.revision ?? 0) + 1, folder: folder)
        let partial = temporaryPath(Self.partialPrefix)
        do {
            try calls.makeFolder(partial)
            let draft = CheckpointDraft(folder: partial, calls: calls)
            try write(draft)
            try draft.finish(step: step, isBest: isBest)
            try calls.rename(partial, to: entry.path)
            try calls.flushFolder(folder)
        } catch {
            // Its bytes would stay on a disk that may be full; what cannot be removed now is removed by the next run.
            try? removeFolder(partial)
            if let failure = error as? FileFailure { throw CheckpointError(writing: failure) }
            if let error = error as? CheckpointError { throw error }
            throw .notWritable(path: entry.path, code: 0)
        }
        try removeOld()
        return entry
    }

    /// Removes the checkpoints after one that training goes on from: they are of a future that will not be.
    package func removeNewer(than entry: CheckpointEntry) throws(CheckpointError) {
        for newer in try catalog.list().reversed() where newer > entry { try discard(newer) }
    }

    // MARK: Removing

    private func removeOld() throws(CheckpointError) {
        let entries = try catalog.list()
        let best = try catalog.best()
        var stepsKept: Set<Int> = []
        for entry in entries.reversed() {
            let isNewestOfItsStep = !stepsKept.contains(entry.step)
            if isNewestOfItsStep, stepsKept.count < keeping {
                stepsKept.insert(entry.step)
            } else if entry != best {
                try discard(entry)
            }
        }
    }

    private func discard(_ entry: CheckpointEntry) throws(CheckpointError) {
        let trash = temporaryPath(Self.trashPrefix)
        do {
            try calls.rename(entry.path, to: trash)
            // The name must be gone from the disk before the first file is.
            try calls.flushFolder(folder)
            try removeFolder(trash)
        } catch {
            throw CheckpointError(writing: error)
        }
    }

    private func removeLeftovers() throws(CheckpointError) {
        do {
            for name in try names(in: folder)
            where name.hasPrefix(Self.partialPrefix) || name.hasPrefix(Self.trashPrefix) {
                let path = joinedPath(folder, name)
                if isFolder(path) { try removeFolder(path) }
            }
        } catch {
            throw CheckpointError(writing: error)
        }
    }

    /// Removes a folder and the files in it.
    private func removeFolder(_ path: String) throws(FileFailure) {
        for name in try names(in: path) { try calls.remove(joinedPath(path, name)) }
        try calls.removeFolder(path)
    }

    /// The lock makes sure that no other process is at work here, so that the process number is enough.
    private func temporaryPath(_ prefix: String) -> String {
        temporaryNames += 1
        return joinedPath(folder, "\(prefix)\(getpid())-\(temporaryNames)")
    }
}
