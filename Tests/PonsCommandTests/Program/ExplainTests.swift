import PonsKit
import Testing

/// What a run leaves behind is enough to say how its results came about, and what the next run would do.
@Suite struct ExplainTests {
  private let program: BuiltProgram

  init() throws { program = try BuiltProgram() }

  /// Shell: six scans, an overlay with reason and author, and a run with both.
  private static let setUp = """
    mkdir scans && "$root/Scripts/make-scans" scans || exit 90
    cat > site.yaml <<'END'
    pons: 1
    overlay: our-site
    set:
      - path: stages.keep.with.statistic
        to: maximum
        reason: the mean depends on the field of view
        by: Imaging Physics
    END
    set_up() { pons "$@" --set input=scans --set minimum=300 --overlay site.yaml --output out; }
    cp "$root/manifests/statistics.yaml" .
    set_up run statistics.yaml --quiet > log 2>&1 || exit 91
    case=$(ls out | grep ^c- | head -n 1)
    """

  @Test func `a file is followed to its sources, with who set what and why`() throws {
    let result = try program.run(
      Self.setUp + """

        rm statistics.yaml site.yaml
        pons explain out/$case/volume.nii.gz
        """)
    #expect(result.status == 0, "\(result.output)")
    for text in [
      "as the run wrote it", "statistics.yaml:13:38", "through minimum: command line",
      "overlay our-site, reason: the mean depends", "by Imaging Physics", "keep, c-",
      "1 source file", "nifti 1.0.0, SHA-256",
    ] {
      #expect(result.output.contains(text), "\(text) in \(result.output)")
    }
    #expect(result.output.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(!result.output.contains("subject-"))
  }

  @Test func `JSON has every digest, and PROV-JSON ties them together`() throws {
    let result = try program.run(
      Self.setUp + """

        pons explain $case --output out --json > all; pons explain out/$case/volume.nii.gz --prov > prov
        sha256sum scans/* | cut -d' ' -f1 > digests
        cat all; echo; cat prov; echo '@'; cat digests
        """)
    #expect(result.status == 0)
    let parts = result.output.split(separator: "@")
    let split = try #require(parts[0].firstRange(of: "\n{\n"))
    let all = try JSON(parsing: String(parts[0][..<split.lowerBound]))
    let prov = try JSON(parsing: String(parts[0][split.lowerBound...]))
    let digests = parts[1].split(separator: "\n").map(String.init)

    let steps = try #require(all["steps"]?.array)
    #expect(steps.compactMap { $0["stage"]?.string }.suffix(2) == ["keep", "read"])
    let source = try #require(steps.last?["sources"]?[0]?["sha256"]?.string)
    #expect(digests.contains(source))
    let keep = try #require(steps.first { $0["stage"]?.string == "keep" })
    #expect(keep["parameters"]?["statistic"]?["origin"]?["by"] == "Imaging Physics")
    #expect(keep["verdicts"]?[0]?["decision"] == "keep")
    #expect(keep["plugin_sha256"]?.string?.count == 64)

    // Every name in a relation is described, and the published file leads to the source.
    let entities = Set((prov["entity"]?.object ?? [:]).keys)
    let activities = Set((prov["activity"]?.object ?? [:]).keys)
    #expect(entities.contains("pons:file/\(source)"))
    let used = (prov["used"]?.object ?? [:]).values
    #expect(used.count >= 3)
    for relation in used {
      #expect(entities.contains(relation["prov:entity"]?.string ?? ""))
      #expect(activities.contains(relation["prov:activity"]?.string ?? ""))
    }
    for relation in (prov["wasGeneratedBy"]?.object ?? [:]).values {
      #expect(entities.contains(relation["prov:entity"]?.string ?? ""))
      #expect(activities.contains(relation["prov:activity"]?.string ?? ""))
    }
    #expect(prov["agent"]?["pons:by/Imaging-Physics"]?["prov:label"] == "Imaging Physics")
  }

  @Test func `a file that somebody changed is told from what the run wrote`() throws {
    let result = try program.run(
      Self.setUp + """

        cp out/$case/volume.nii.gz x && printf x >> x && rm out/$case/volume.nii.gz && cp x out/$case/volume.nii.gz
        pons explain out/$case/volume.nii.gz | grep -c 'CHANGED since'
        pons explain nobody --output out 2>&1; echo $?; pons explain out/summary.json 2>&1; echo $?
        pons explain out/table.csv | grep -E '^(table|stats) '; pons explain x 2>&1; echo $?
        """)
    #expect(result.output.hasPrefix("1\n"), "\(result.output)")
    #expect(result.output.contains("the run knows no case nobody"))
    #expect(result.output.contains("table  table.write, version 1"))
    #expect(result.output.contains("stats  volume.statistics, version 1"))
    #expect(result.output.hasSuffix("2\n"))
  }

  @Test func `a plan says what is left, and why`() throws {
    let result = try program.run(
      Self.setUp + """

        set_up plan statistics.yaml; echo ---
        set_up plan statistics.yaml --set stages.keep.with.statistic=mean --json > plan; echo ---
        pons plan statistics.yaml --set input=scans --set minimum=310 --overlay site.yaml --output out --cases | head -n 4
        pons plan statistics.yaml --set input=scans --output none; ls none
        cat plan
        """)
    let parts = result.output.split(separator: "---\n")
    #expect(parts[0].contains("nothing to run"), "\(result.output)")
    #expect(parts[1].contains("parameter minimum: 300.0 -> 310.0"), "\(result.output)")
    #expect(parts[1].contains("No earlier run tells what these take"))
    let line = try #require(result.output.split(separator: "\n").last)
    let plan = try JSON(parsing: String(line))
    let stage = try #require(plan["stages"]?.array?.first { $0["stage"] == "keep" })
    #expect(stage["to_run"] == 6 && stage["cached"] == 0)
    let call = try #require(plan["calls"]?.array?.first { $0["stage"] == "keep" })
    #expect(call["changes"]?[0]?["parameter"] == "statistic")
    #expect(call["changes"]?[0]?["from"] == "maximum" && call["changes"]?[0]?["to"] == "mean")
    #expect(plan["fits"] == true)
  }

  @Test func `a disk that is too small is refused`() throws {
    let result = try program.run(
      Self.setUp + """

        mkdir small && mount -t tmpfs -o size=1m none small 2> /dev/null || { echo skipped; exit 0; }
        trap 'umount small' EXIT
        cp -r out/.pons small/work; rm -r small/work/entries/*; head -c 2m /dev/zero > small/full 2> /dev/null
        pons plan statistics.yaml --set input=scans --set minimum=300 --overlay site.yaml --output out --work small/work 2>&1
        echo status $?
        """)
    if result.output == "skipped\n" { return }
    #expect(result.output.hasSuffix("status 5\n"), "\(result.output)")
    #expect(result.output.contains("are free"))
  }
}
