/// The page, from what it says.
package struct Page: Sendable {
  let contents: PageContents
  /// Places of the cases in the list.
  let numbers: [String: Int]

  package init(_ contents: PageContents) {
    self.contents = contents
    numbers = Dictionary(
      contents.cases.enumerated().map { ($0.element.key, $0.offset) },
      uniquingKeysWith: { first, _ in first })
  }

  /// The whole document, UTF-8.
  package var html: [UInt8] {
    let sections = sections
    var page: Markup = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <meta name="referrer" content="no-referrer"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"/>
      <title>\(contents.title)</title>
      <style>
      \(StyleSheet.text)</style>
      </head>
      <body>
      <a class="skip" href="#main">Skip to the content</a>
      <p class="research"><strong>Research use only.</strong> Nobody has certified what made this page for clinical use.</p>
      <header>
      <h1>\(contents.title)</h1>
      \(lead)\(provenance)</header>
      \(navigation(sections))<main id="main">

      """
    for section in sections { page += section.body }
    page += """
      </main>
      <footer>
      <p>Cases are named by their keys, which are pseudonyms. The page loads nothing from anywhere.</p>
      </footer>
      <dialog id="enlarged" aria-label="Enlarged picture"><form method="dialog"><p id="enlarged-caption"></p><button>Close</button></form><div id="enlarged-picture"></div></dialog>
      <script>
      \(Script.text)</script>
      </body>
      </html>

      """
    return Array(page.text.utf8)
  }

  struct Section {
    var id: String
    /// In the navigation.
    var name: String
    var body: Markup
  }

  /// What there is to show, in order.
  var sections: [Section] {
    [overview, methods, similarity, leftOut, caseList].compactMap { $0 }
  }

  private var lead: Markup {
    let volumes = contents.volumes
    if !contents.hasMasks {
      return
        "<p class=\"lead\">\(volumes.of("volume")). No masks are connected to this report.</p>\n"
    }
    return """
      <p class="lead">\(contents.masks) of \(contents.cases.count.of("case")) got a mask that nobody drew.</p>

      """
  }

  private var provenance: Markup {
    if contents.synthetic.isEmpty {
      return "<p class=\"synthetic\">What is synthetic: nothing was declared to be.</p>\n"
    }
    return """
      <p class="synthetic notice"><strong>What is synthetic:</strong> \(contents.synthetic)</p>

      """
  }

  private func navigation(_ sections: [Section]) -> Markup {
    let links = sections.map { "<a href=\"#\($0.id)\">\($0.name)</a>" as Markup }
    let options = contents.cases.enumerated().filter { $0.element.pictures != nil }
      .map { "<option value=\"\($0.element.key)\"></option>" as Markup }
    if options.isEmpty { return "<nav aria-label=\"Sections\">\(links)</nav>\n" }
    return """
      <nav aria-label="Sections">\(links)<form id="goto"><label>Go to case <input list="keys" autocomplete="off" spellcheck="false"/></label></form><datalist id="keys">\(options)</datalist></nav>

      """
  }
}
