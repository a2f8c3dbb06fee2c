import RefluxReport
import RefluxTargets
import Testing

struct TableTests {
  @Test func alignsColumnsForTerminals() {
    #expect(
      Samples.full.table() == """
        method   LM loss  perplexity  gap closed %  ECE %  acceptance %  top-1 %  tokens/s  \
        data wait %  cache B/token
        -------  -------  ----------  ------------  -----  ------------  -------  --------  \
        -----------  -------------
        Teacher    3.268        26.3             –    1.0         100.0     45.9     9,876  \
                  –              –
        CE         3.686        39.9             0    2.6          60.3     42.0    41,234  \
                0.3              –
        Top-12     4.163        64.3          -356    5.9          63.2     42.0    41,234  \
                0.3           72.0
        RS-KD      3.583        36.0            77    2.6          69.1     42.0    41,234  \
                0.3           57.3
        FullKD     3.552        34.9           100    2.9          69.1     42.0    41,234  \
                0.3              –

        """)
  }

  @Test func saysWhatTheTableComesTo() {
    #expect(
      Samples.full.finding
        == "RS-KD closes 77 % of the 0.134 nats between CE and FullKD; Top-12 ends 0.477 nats worse"
        + " than CE.")
    var near = Samples.full
    for row in near.rows.indices where near.rows[row].objective == .fullkd {
      near.rows[row].lmLoss = 3.64
    }
    #expect(
      near.finding
        == "CE and FullKD end 0.046 nats apart: too little to tell the methods apart by their"
        + " losses at this size.")
    near.rows.removeAll { $0.objective == .ce }
    #expect(near.finding == nil)
  }

  @Test func leavesOutColumnsWithoutFigures() {
    let report = QuickstartReport(
      title: "", rows: [MethodRow(method: "a|b\nc", objective: .ce, lmLoss: 2.5, ecePercent: 1)])
    #expect(
      report.table() == """
        method  LM loss  ECE %
        ------  -------  -----
        a|b c     2.500    1.0

        """)
    #expect(
      report.markdownTable() == """
        | method | LM loss | ECE % |
        |--------|--------:|------:|
        | a\\|b c |   2.500 |   1.0 |

        """)
  }

  @Test func printsHeadingsAloneWithoutRows() {
    #expect(QuickstartReport(title: "").table() == "method  LM loss\n------  -------\n")
  }
}
