// SPDX-FileCopyrightText: The tip authors
// SPDX-License-Identifier: Apache-2.0
package dev.tip.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows everything with no set-up. */
@Command(
    name = "demo",
    description = {
      "Shows the whole way on invented data: lists to an Elasticsearch of its own on the loopback"
          + " address, rules to a folder, and which rule finds which planted event."
    },
    mixinStandardHelpOptions = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every planted event was found, and nothing else",
      "1:something was not",
      "2:the command line cannot be used",
      "3:the server did not start"
    })
final class DemoCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--rules",
      paramLabel = "DIR",
      description = "Folder for the rules. Default: ${DEFAULT-VALUE}.",
      defaultValue = "target/tip-demo-rules")
  private Path rules;

  @Option(names = "--keep", description = "Keep the server running until Ctrl-C.")
  private boolean keep;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Clock clock = Clock.systemUTC();
    Stopwatch stopwatch = new Stopwatch(System::nanoTime).launcher(System.getProperties());
    Progress progress = Progress.on(spec.commandLine().getErr(), System.getProperties());
    try (EmbeddedServer server = EmbeddedServer.start(System.getProperties())) {
      stopwatch.lap("server (after that)");
      Demo demo = Demo.run(server.url(), rules, clock, progress, stopwatch);
      out.println(demo.sync().toTable());
      out.println(demo.toText());
      out.println("rules: " + rules.toAbsolutePath());
      out.println("time:  " + stopwatch + total(clock));
      if (keep) {
        server.keep(out);
      }
      out.flush();
      return demo.faults().isEmpty() ? Tip.OK : Tip.SOME_FAILED;
    }
  }

  private static String total(Clock clock) {
    String begin = System.getProperty("tip.launch.begin");
    return begin == null
        ? ""
        : "; "
            + (clock.instant().getEpochSecond()
                - Instant.ofEpochSecond(Long.parseLong(begin)).getEpochSecond())
            + " s in all";
  }
}
