package io.millrace.client.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

final class TableTest {
    private final Table table = new Table("TOPIC", "LOG END").row("a", 5).row("longer", 12345678L);

    @Test
    void textIsAlignedLeftAndNumbersRight() {
        assertThat(print(table, Table.Output.table))
                .isEqualTo(
                        """
                        TOPIC   LOG END
                        a              5
                        longer  12345678
                        """);
    }

    @Test
    void jsonIsAnArrayOfObjectsNamedByHeading() {
        assertThat(print(table, Table.Output.json).replaceAll("\\s", ""))
                .isEqualTo(
                        "[{\"topic\":\"a\",\"log_end\":5},{\"topic\":\"longer\",\"log_end\":12345678}]");
    }

    @Test
    void withoutRowsTheHeadingOrAnEmptyArrayIsLeft() {
        assertThat(print(new Table("A", "B"), Table.Output.table)).isEqualTo("A  B\n");
        assertThat(print(new Table("A"), Table.Output.json).strip()).isEqualTo("[ ]");
    }

    private static String print(Table table, Table.Output output) {
        StringWriter text = new StringWriter();
        table.print(new PrintWriter(text), output);
        return text.toString().replace(System.lineSeparator(), "\n");
    }
}
