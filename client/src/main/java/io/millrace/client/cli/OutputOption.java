package io.millrace.client.cli;

import io.millrace.client.cli.text.Table;
import picocli.CommandLine.Option;

/** How a command shows rows. Mixed into every command that does. */
final class OutputOption {
    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORM",
            defaultValue = "table",
            description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
    Table.Output form = Table.Output.table;

    @Option(names = "--json", description = "The same as --output json.")
    boolean json;

    Table.Output form() {
        return json ? Table.Output.json : form;
    }

    boolean isTable() {
        return form() == Table.Output.table;
    }
}
