internal import RefluxFiles

/// What stands where a model's folder was expected.
extension ModelFolder {
  /// Why there is no model to load at `path`, and what to do: one clause; nil where there is one.
  public static func lack(at path: String) -> String? {
    if exists(at: path) { return nil }
    if !FileSystem.exists(path: path) {
      return isHubName(path)
        ? "there is no such folder; if this is a name on the Hugging Face hub, download it first: "
          + "'hf download \(path) --local-dir <folder>', and name that folder"
        : "there is no such folder; name a model's folder"
    }
    let saving = "load it with transformers and 'save_pretrained(folder, safe_serialization=True)'"
    if path.hasSuffix(".gguf") { return "a GGUF file is not read here; \(saving)" }
    for (name, what) in foreign where FileSystem.exists(path: path + "/" + name) {
      return "its weights are in \(name), \(what), which is not read here; \(saving)"
    }
    if FileSystem.exists(path: path + "/adapter_config.json") {
      return
        "holds an adapter, not a model; merge it with peft's 'merge_and_unload()' and save that"
    }
    return "not a model: expected a folder with config.json and model.safetensors"
  }

  /// Weights in other forms, by their files' names.
  private static let foreign = [
    ("pytorch_model.bin", "a pickle"), ("pytorch_model.bin.index.json", "pickles"),
    ("consolidated.00.pth", "a pickle"), ("tf_model.h5", "a file of TensorFlow"),
    ("flax_model.msgpack", "a file of Flax"),
  ]

  /// `owner/name`, as the hub has them.
  private static func isHubName(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { !$0.isEmpty && !$0.hasPrefix(".") }
  }
}
