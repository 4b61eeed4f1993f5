/// The environment variables that the command line reads.
package enum EnvironmentVariable: String, Sendable, CaseIterable {
  case pluginPath = "PONS_PLUGIN_PATH"
  case allowList = "PONS_ALLOW_LIST"
  case siteKey = "PONS_SITE_KEY"
  case models = "PONS_MODELS"
  case noColor = "NO_COLOR"

  /// One line for help texts.
  package var summary: String {
    switch self {
    case .pluginPath: "Folders with further plugins, separated by colons"
    case .allowList:
      "File with the SHA-256 of every plugin that may be loaded, beside /etc/pons/plugins.allow; "
        + "root owns it"
    case .siteKey:
      "File with the key that turns case names into pseudonyms "
        + "(default: pons/site.key in the user's configuration folder; made on first use)"
    case .models:
      "Folder of the models (default: pons/models in the user's data folder)"
    case .noColor: "When set, nothing is coloured"
    }
  }
}
