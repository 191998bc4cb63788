package io.millrace.client.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.client.cli.text.CliException;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RedriveProgressTest {
    private static final String ID = "3q2-7wAAAAAAAAAAAAAAAQ";

    @Test
    void whatIsKeptHoldsForItsTopicAlone() {
        assertThat(RedriveProgress.parse(ID + ":0=12,3=7", ID)).isEqualTo(Map.of(0, 12L, 3, 7L));
        assertThat(RedriveProgress.parse("another:0=12", ID)).isEmpty();
        assertThat(RedriveProgress.parse("", ID)).isEmpty();
    }

    @Test
    void whatIsNotUnderstoodIsNotTakenForNothing() {
        for (String kept : new String[] {":", ":0", ":0=", ":0=1,", ":-1=1", ":0=1;1=1"}) {
            assertThatThrownBy(() -> RedriveProgress.parse(ID + kept, ID))
                    .as(kept)
                    .isInstanceOf(CliException.class);
        }
    }
}
