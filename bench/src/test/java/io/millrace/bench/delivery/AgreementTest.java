package io.millrace.bench.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class AgreementTest {
    private final Agreement agreement = new Agreement(4);

    private CompletableFuture<Double> await(int members) {
        return CompletableFuture.supplyAsync(() -> {
            try {
                return agreement.await(members, System.nanoTime());
            } catch (IOException | InterruptedException e) {
                throw new CompletionException(e);
            }
        });
    }

    @Test
    void membersAgreeInOneGenerationWithAllPartitionsSharedOut() {
        agreement.settled("a", 1, 4);
        CompletableFuture<Double> agreed = await(2);
        agreement.settled("b", 2, 0);
        assertThat(agreed).isNotDone();
        agreement.settled("a", 2, 2);
        assertThat(agreed).isNotDone();

        agreement.settled("b", 2, 2);

        assertThat(agreed.join()).isNotNegative();
    }

    @Test
    void whatWasAgreedBeforeDoesNotCountAgain() {
        agreement.settled("a", 1, 4);
        await(1).join();
        CompletableFuture<Double> again = await(1);
        assertThat(again).isNotDone();

        agreement.settled("a", 2, 4);

        assertThat(again.join()).isNotNegative();
    }

    @Test
    void aMemberThatFailsEndsTheWait() {
        CompletableFuture<Double> agreed = await(1);

        agreement.failed(new IOException("gone"));

        assertThatThrownBy(agreed::join).hasRootCauseMessage("gone");
    }
}
