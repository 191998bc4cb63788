package io.millrace.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.cli.text.CliException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class StartPointTest {
    @Test
    void wordsAreTheEndsOfTheLog() {
        assertThat(StartPoint.parse("beginning")).isEqualTo(new StartPoint.Beginning());
        assertThat(StartPoint.parse("end")).isEqualTo(new StartPoint.End());
    }

    @Test
    void numbersCountFromTheStartOrBackFromTheEnd() {
        assertThat(StartPoint.parse("0")).isEqualTo(new StartPoint.Offset(0));
        assertThat(StartPoint.parse("42")).isEqualTo(new StartPoint.Offset(42));
        assertThat(StartPoint.parse("-10")).isEqualTo(new StartPoint.BeforeEnd(10));
    }

    @Test
    void timesAreIsoOrMilliseconds() {
        assertThat(StartPoint.parse("@1700000000000"))
                .isEqualTo(new StartPoint.At(1_700_000_000_000L));
        assertThat(StartPoint.parse("@1970-01-01T00:00:01.5Z")).isEqualTo(new StartPoint.At(1_500));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "first", "1.5", "--3", "99999999999999999999", "Beginning"})
    void whatIsNoStartIsRefusedByName(String text) {
        assertThatThrownBy(() -> StartPoint.parse(text))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("'" + text + "' is no start");
    }

    @ParameterizedTest
    @ValueSource(strings = {"@", "@soon", "@2026-13-01T00:00:00Z", "@-5", "@99999999999999999999"})
    void whatIsNoTimeIsRefusedByName(String text) {
        assertThatThrownBy(() -> StartPoint.parse(text))
                .isInstanceOf(CliException.class)
                .hasMessageContaining("'" + text.substring(1) + "' is no time");
    }
}
