// The checkpoints of a folder, to be read. Nothing here changes the folder, so any number of processes may look.

internal import IQTensor

/// Where one checkpoint is.
package struct CheckpointEntry: Sendable, Hashable, Comparable {
    /// Optimiser steps that were done when it was saved.
    package let step: Int
    /// 1, or more if a state of the same step was saved again.
    let revision: Int
    package let path: String

    package static func < (one: CheckpointEntry, other: CheckpointEntry) -> Bool {
        (one.step, one.revision) < (other.step, other.revision)
    }

    private static let prefix = "step-"
    private static let digits = 9

    /// `step-000000120`, then `step-000000120-2`: sorted by name is sorted by step.
    static func name(step: Int, revision: Int) -> String {
        let number = String(step)
        let zeros = String(repeating: "0", count: max(0, digits - number.count))
        return prefix + zeros + number + (revision > 1 ? "-\(revision)" : "")
    }

    init(step: Int, revision: Int, folder: String) {
        self.step = step
        self.revision = revision
        path = joinedPath(folder, Self.name(step: step, revision: revision))
    }

    /// Nil if the name is not one that ``name(step:revision:)`` makes.
    init?(name: String, folder: String) {
        guard name.hasPrefix(Self.prefix) else { return nil }
        let parts = name.dropFirst(Self.prefix.count).split(separator: "-", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let step = Int(parts[0]), step >= 0 else { return nil }
        guard let revision = parts.count == 2 ? Int(parts[1]) : 1, Self.name(step: step, revision: revision) == name
        else { return nil }
        self.init(step: step, revision: revision, folder: folder)
    }
}

package struct CheckpointCatalog: Sendable {
    package let folder: String

    package init(folder: String) { self.folder = folder }

    /// All checkpoints, oldest first. Reads names only.
    package func list() throws(CheckpointError) -> [CheckpointEntry] {
        do {
            return try names(in: folder).compactMap { CheckpointEntry(name: $0, folder: folder) }.sorted()
        } catch {
            throw CheckpointError(reading: error)
        }
    }

    /// The newest checkpoint, not yet checked. Reads names only.
    package func latest() throws(CheckpointError) -> CheckpointEntry? { try list().last }

    /// The newest of those that were saved as the best one, not yet checked. Damaged ones are passed over.
    package func best() throws(CheckpointError) -> CheckpointEntry? {
        for entry in try list().reversed() {
            do {
                if try index(of: entry).isBest { return entry }
            } catch {
                switch error {
                case .damaged, .unsupportedVersion: continue
                default: throw error
                }
            }
        }
        return nil
    }

    /// Checks every byte of a checkpoint.
    ///
    /// - Throws: ``CheckpointError/damaged(path:_:previousStep:)`` with the step of the next older one, which may be loaded
    ///   in its place; ``CheckpointError/unsupportedVersion(path:found:supported:)``; and when reading fails.
    package func load(_ entry: CheckpointEntry) throws(CheckpointError) -> Checkpoint {
        do {
            let index = try index(of: entry)
            for file in index.files { try check(file, of: entry) }
            return Checkpoint(entry: entry, isBest: index.isBest, files: index.files.map(\.name))
        } catch {
            guard case .damaged(let path, let fault, _) = error else { throw error }
            throw .damaged(path: path, fault, previousStep: (try? list())?.last { $0 < entry }?.step)
        }
    }

    /// The newest checkpoint.
    ///
    /// - Throws: ``CheckpointError/none(folder:)``, and as ``load(_:)``.
    package func loadLatest() throws(CheckpointError) -> Checkpoint {
        guard let entry = try latest() else { throw .none(folder: folder) }
        return try load(entry)
    }

    /// The newest checkpoint that is not damaged, and what is wrong with the newer ones; the caller says so to the user.
    ///
    /// - Throws: ``CheckpointError/none(folder:)`` if there is none at all, and the newest one's error if all are damaged.
    package func latestIntact() throws(CheckpointError) -> (checkpoint: Checkpoint, damaged: [CheckpointError]) {
        var damaged: [CheckpointError] = []
        for entry in try list().reversed() {
            do {
                return (try load(entry), damaged)
            } catch {
                guard case .damaged = error else { throw error }
                damaged.append(error)
            }
        }
        throw damaged.first ?? .none(folder: folder)
    }

    // MARK: Checks

    func index(of entry: CheckpointEntry) throws(CheckpointError) -> CheckpointIndex {
        let path = joinedPath(entry.path, CheckpointIndex.fileName)
        let index: CheckpointIndex
        do {
            guard let byteCount = try fileByteCount(path) else {
                throw CheckpointError.damaged(
                    path: entry.path,
                    .missingFile(CheckpointIndex.fileName),
                    previousStep: nil
                )
            }
            guard byteCount <= CheckpointIndex.longestText else {
                throw CheckpointIndex.ReadingFailure.malformed("it has \(byteCount) bytes")
            }
            index = try CheckpointIndex(try FileReader.contents(path))
        } catch let error as CheckpointError {
            throw error
        } catch let failure as FileFailure {
            throw CheckpointError(reading: failure)
        } catch CheckpointIndex.ReadingFailure.malformed(let reason) {
            throw .damaged(path: entry.path, .malformedIndex(reason: reason), previousStep: nil)
        } catch CheckpointIndex.ReadingFailure.version(let found) {
            throw .unsupportedVersion(path: entry.path, found: found, supported: CheckpointIndex.version)
        } catch {
            throw .notReadable(path: path, code: 0)
        }
        guard index.step == entry.step else {
            let reason = "it is that of step \(index.step)"
            throw .damaged(path: entry.path, .malformedIndex(reason: reason), previousStep: nil)
        }
        return index
    }

    private func check(_ file: CheckpointIndex.File, of entry: CheckpointEntry) throws(CheckpointError) {
        let path = joinedPath(entry.path, file.name)
        let fault: CheckpointFault
        do {
            guard let size = try fileByteCount(path) else {
                throw CheckpointError.damaged(path: entry.path, .missingFile(file.name), previousStep: nil)
            }
            // The size first: it costs nothing, and says more than a checksum.
            if size != file.byteCount {
                fault = .wrongSize(file.name, expected: file.byteCount, found: size)
            } else {
                let found = try FileReader(path: path).checksum()
                if found.crc == file.crc, found.byteCount == file.byteCount { return }
                fault = .wrongChecksum(file.name, expected: file.crc, found: found.crc)
            }
        } catch let error as CheckpointError {
            throw error
        } catch let failure as FileFailure {
            throw CheckpointError(reading: failure)
        } catch {
            throw .notReadable(path: path, code: 0)
        }
        throw .damaged(path: entry.path, fault, previousStep: nil)
    }
}
