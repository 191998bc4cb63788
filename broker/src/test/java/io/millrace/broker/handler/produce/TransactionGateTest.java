package io.millrace.broker.handler.produce;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.loop.Loops;
import io.millrace.broker.loop.OwnerLoop;
import io.millrace.broker.loop.Partition;
import io.millrace.broker.loop.TestPartition;
import io.millrace.broker.transaction.TransactionError;
import io.millrace.broker.transaction.TransactionReply;
import io.millrace.storage.Durability;
import io.millrace.storage.PartitionLog.AppendResult;
import io.millrace.storage.PartitionLog.Origin;
import io.millrace.storage.batch.BatchBuilder;
import io.millrace.storage.flush.FlushQueue;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransactionGateTest {
    private static final short VERSION = 12;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final FlushQueue flushes = new FlushQueue(1);
    private final Deque<Consumer<TransactionReply>> asked = new ArrayDeque<>();
    private final List<String> outcomes = new ArrayList<>();
    private final TransactionGate gate =
            new TransactionGate((question, then) -> asked.add(then), "tx", VERSION);

    @TempDir private Path folder;

    @AfterEach
    void stop() {
        flushes.close();
        channel.finishAndReleaseAll();
    }

    @Test
    void aBatchDoesNotPassAnEarlierOneThatWaitsForTheCoordinator() {
        Partition partition = partition();
        admit(partition, 0);
        admit(partition, 1);
        answerNext();
        admit(partition, 2);
        while (!asked.isEmpty()) {
            answerNext();
        }

        assertThat(outcomes).containsExactly("0 at 0", "1 at 1", "2 at 2");
    }

    @Test
    void aBatchBehindOneThatIsRefusedIsAskedForItself() {
        Partition partition = partition();
        admit(partition, 0);
        admit(partition, 1);
        assertThat(asked).hasSize(1);

        asked.remove().accept(new TransactionReply.Plain(TransactionError.CONCURRENT_TRANSACTIONS));

        assertThat(outcomes).hasSize(1);
        assertThat(asked).hasSize(1);
    }

    private void answerNext() {
        asked.remove().accept(new TransactionReply.Plain(TransactionError.NONE));
    }

    /** Admits the batch of that sequence, and appends it if it may be. */
    private void admit(Partition partition, int sequence) {
        ByteBuffer records =
                new BatchBuilder()
                        .producer(7, (short) 0, sequence)
                        .transactional()
                        .add(1, null, new byte[1])
                        .build();
        gate.admit(
                partition,
                records,
                (error, verification) -> {
                    if (error != Errors.NONE) {
                        outcomes.add(sequence + " " + error);
                    } else {
                        var result = partition.append(records, Origin.CLIENT, verification);
                        outcomes.add(
                                result instanceof AppendResult.Appended done
                                        ? sequence + " at " + done.firstOffset()
                                        : sequence + " " + result);
                    }
                });
    }

    private Partition partition() {
        OwnerLoop loop = new Loops(channel.eventLoop(), System::currentTimeMillis).ownerOf("t", 0);
        return TestPartition.of("t", loop, flushes, Durability.OS, folder);
    }
}
