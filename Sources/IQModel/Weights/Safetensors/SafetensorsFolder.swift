// The safetensors files of a folder: one, or the shards that an index names.

internal import IQTensor
internal import IQText

enum SafetensorsFolder {
    static let singleFile = "model.safetensors"
    static let indexFile = "model.safetensors.index.json"

    /// All tensors of the folder's model.
    static func tensors(in folder: String) throws(ModelError) -> [StoredTensor] {
        let single = FileSystem.join(folder, singleFile)
        if try FileSystem.kind(single) == .file { return try SafetensorsFile.open(path: single).tensors }
        let index = FileSystem.join(folder, indexFile)
        if try FileSystem.kind(index) == .file { return try shardedTensors(index: index, folder: folder) }
        throw .missingFile(folder: folder, name: singleFile)
    }

    private static func shardedTensors(index: String, folder: String) throws(ModelError) -> [StoredTensor] {
        let fileOf: [String: String]
        do {
            fileOf = try weightMap(try FileSystem.contents(index))
        } catch let fault as SafetensorsFault {
            throw .safetensors(path: index, fault)
        } catch let error as ModelError {
            throw error
        } catch {
            throw .notReadable(path: index, code: 0)
        }
        var all: [StoredTensor] = []
        var found: Set<String> = []
        for name in Set(fileOf.values).sorted() {
            let path = FileSystem.join(folder, name)
            guard try FileSystem.kind(path) == .file else { throw .missingFile(folder: folder, name: name) }
            for tensor in try SafetensorsFile.open(path: path).tensors {
                guard fileOf[tensor.name] == name else {
                    throw .safetensors(path: index, .indexMismatch(tensor: tensor.name, file: name))
                }
                found.insert(tensor.name)
                all.append(tensor)
            }
        }
        if let absent = fileOf.keys.filter({ !found.contains($0) }).min() {
            throw .safetensors(path: index, .indexMismatch(tensor: absent, file: fileOf[absent] ?? ""))
        }
        return all
    }

    /// Tensor name to file name.
    private static func weightMap(_ bytes: [UInt8]) throws(SafetensorsFault) -> [String: String] {
        let document: JSONDocument
        do {
            document = try JSONDocument(bytes)
        } catch {
            if case .duplicateKey(let key) = error.reason { throw .duplicateName(key) }
            throw .headerNotJSON(offset: error.byteOffset, reason: error.explanation)
        }
        guard let members = document.root["weight_map"]?.members else {
            throw .headerNotJSON(offset: 0, reason: "it has no weight_map")
        }
        var map: [String: String] = [:]
        for (key, value) in members {
            let tensor = key.string ?? ""
            guard let file = value.string else {
                throw .malformedEntry(tensor: tensor, reason: "its file is \(value.kindName)")
            }
            // A shard lies beside the index: a path could lead anywhere.
            guard !file.isEmpty, !file.contains("/"), !file.contains("\\"), !file.utf8.contains(0), file != "..",
                file.hasSuffix(".safetensors")
            else { throw .invalidShardName(file) }
            map[tensor] = file
        }
        return map
    }
}
