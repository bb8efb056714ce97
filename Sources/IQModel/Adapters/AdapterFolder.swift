// Adapters on disk, as PEFT keeps them: `adapter_config.json` and `adapter_model.safetensors` in a folder.

package import IQTensor

#if canImport(FoundationEssentials)
    package import FoundationEssentials
#else
    package import Foundation
#endif

enum AdapterFiles {
    static let configuration = "adapter_config.json"
    static let weights = "adapter_model.safetensors"
}

/// Reads an adapter that PEFT or ``saveAdapter(_:of:baseName:to:)`` has written.
///
/// - Parameters:
///   - url: the folder.
///   - configuration: the decoder that it is for.
///   - context: converts numbers; not kept.
/// - Throws: ``ModelError``, among others ``ModelError/configuration(path:_:)`` for kinds of adapters that are not
///   implemented and ``ModelError/tensors(path:_:)`` where the tensors do not fit the decoder or the configuration.
package func loadAdapter(
    at url: URL,
    for configuration: DecoderConfiguration,
    context: ComputeContext
) throws(ModelError) -> DecoderAdapter {
    let folder = url.path
    switch try FileSystem.kind(folder) {
    case nil: throw .notFound(path: folder)
    case .folder: break
    default: throw .notAModel(path: folder, expected: "an adapter folder with \(AdapterFiles.configuration)")
    }
    for name in [AdapterFiles.configuration, AdapterFiles.weights] {
        guard try FileSystem.kind(FileSystem.join(folder, name)) == .file else {
            throw .missingFile(folder: folder, name: name)
        }
    }
    let configurationPath = FileSystem.join(folder, AdapterFiles.configuration)
    let bytes = try FileSystem.contents(configurationPath)
    let description: AdapterConfiguration
    do {
        description = try AdapterConfiguration(json: bytes)
    } catch {
        throw .configuration(path: configurationPath, error)
    }
    let path = FileSystem.join(folder, AdapterFiles.weights)
    let catalog = TensorCatalog(path: path, tensors: try SafetensorsFile.open(path: path).tensors) { $0 }
    // Where the configuration cannot tell, the tensors do.
    let sites = AdapterSite.all(in: configuration).filter { site in
        description.names(site) ?? (catalog[site.downName] != nil || catalog[site.upName] != nil)
    }
    let options: LoRAOptions
    do {
        options = try description.options(sites: sites, layers: configuration.layers)
    } catch {
        throw .configuration(path: configurationPath, error)
    }
    try catalog.check(
        sites.flatMap { site -> [TensorMismatch.Expected] in
            let shapes = DecoderAdapter.shapes(at: site, rank: options.rank, in: configuration)
            return [.init(name: site.downName, shape: shapes.down), .init(name: site.upName, shape: shapes.up)]
        }
    )
    let reader = WeightReader(catalog: catalog, precision: .converted(.f32), context: context)
    var adapters: [AdapterSite: LowRankAdapter] = [:]
    for site in sites {
        adapters[site] = LowRankAdapter(
            down: try reader.matrix(site.downName),
            up: try reader.matrix(site.upName),
            scale: options.scale,
            dropoutRate: options.dropout,
            number: site.number
        )
    }
    return DecoderAdapter(options: options, adapters: adapters)
}

extension AdapterConfiguration {
    /// The options that make an adapter at these places.
    fileprivate func options(sites: [AdapterSite], layers count: Int) throws(ConfigurationFault) -> LoRAOptions {
        guard !sites.isEmpty else {
            throw .unsupported(
                key: "target_modules",
                value: "modules of which this model has none",
                supported: AdaptedProjection.allCases.map(\.rawValue).joined(separator: ", ")
            )
        }
        let layers = Set(sites.map(\.layer))
        do {
            return try LoRAOptions(
                rank: rank,
                alpha: alpha,
                dropout: dropout,
                projections: sites.map(\.projection),
                layers: layers.count == count ? nil : Array(layers),
                isRankStabilized: isRankStabilized
            )
        } catch {
            switch error {
            case .invalidOption(let name, let value, let expected):
                let keys = ["rank": "r", "alpha": "lora_alpha", "dropout": "lora_dropout"]
                throw .invalid(key: keys[name] ?? name, value: value, expected: expected)
            }
        }
    }
}

/// Writes an adapter as PEFT opens it, each file atomically. The folder is made if it is not there.
///
/// - Parameters:
///   - adapter: in f32, written as it is at this moment.
///   - configuration: the decoder that it is for.
///   - baseName: what `base_model_name_or_path` says: where a reader finds the base.
///   - url: the folder.
package func saveAdapter(
    _ adapter: DecoderAdapter,
    of configuration: DecoderConfiguration,
    baseName: String? = nil,
    to url: URL
) throws(ModelError) {
    let folder = url.path
    try FileSystem.makeFolder(folder)
    var tensors: [WritableTensor] = []
    for site in adapter.sites {
        guard let low = adapter[site] else { continue }
        tensors.append(WritableTensor(name: site.downName, .matrix(low.down)))
        tensors.append(WritableTensor(name: site.upName, .matrix(low.up)))
    }
    try SafetensorsWriter.write(tensors, to: FileSystem.join(folder, AdapterFiles.weights))
    try AtomicFile.write(
        adapter.peftConfiguration(layers: configuration.layers, baseName: baseName).bytes,
        to: FileSystem.join(folder, AdapterFiles.configuration)
    )
}

extension DecoderAdapter {
    /// The contents of `adapter_config.json`.
    fileprivate func peftConfiguration(layers count: Int, baseName: String?) -> JSONText {
        let sites = sites
        let projections = AdaptedProjection.allCases.filter { projection in
            sites.contains { $0.projection == projection }
        }
        let layers = Set(sites.map(\.layer)).sorted()
        // Every projection in every one of the layers, or else each place by its whole name.
        let isGrid = sites.count == projections.count * layers.count
        let names = isGrid ? projections.map(\.rawValue) : sites.map(\.moduleName)
        let isEveryLayer = !isGrid || layers.count == count
        return .object([
            ("peft_type", .string("LORA")),
            ("task_type", .string("CAUSAL_LM")),
            ("base_model_name_or_path", baseName.map { .string($0) } ?? .null),
            ("r", .integer(options.rank)),
            ("lora_alpha", Int(exactly: options.alpha).map { .integer($0) } ?? .number(options.alpha)),
            ("lora_dropout", .number(options.dropout)),
            ("use_rslora", .bool(options.isRankStabilized)),
            ("target_modules", .array(names.map { .string($0) })),
            ("layers_to_transform", isEveryLayer ? .null : .array(layers.map { .integer($0) })),
            ("bias", .string("none")),
            ("fan_in_fan_out", .bool(false)),
            ("init_lora_weights", .bool(true)),
            ("modules_to_save", .null),
            ("inference_mode", .bool(true)),
        ])
    }
}
