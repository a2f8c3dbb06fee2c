/// The step at which a file failed; the raw value is the verb of the error message.
public enum FileOperation: String, Equatable, Sendable {
  case open
  case read
  case write
  case sync = "flush to disk"
  case rename
  case truncate
  case map
  case list
  case create = "create the folder"
  case remove
  case inspect
}
