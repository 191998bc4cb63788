package io.millrace.broker.transaction;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.broker.simulation.Planted;
import io.millrace.broker.transaction.SimulatedClient.Truth;
import io.millrace.storage.simulation.seed.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Producers with and without an epoch a transaction, two of each with the same id, with several
 * batches under way, whose requests get lost, come late, twice and out of order, over partitions
 * and a coordinator that die, move and are slow to write. After every event: transactions are
 * atomic and isolated, no batch passes an earlier one, who was fenced does not write, the last
 * stable offset passes nothing that is open. Left in peace, nothing stays open and nothing that was
 * committed is missing.
 */
final class TransactionSimulationTest {
    private static final int SEEDS = 1500;
    private static final int STEPS = 600;

    @Test
    @Tag("simulation")
    void transactionsStayWholeThroughLossLatenessAndCrashes() {
        Seeds.each(SEEDS, seed -> new Run(seed, Planted.NONE).play());
    }

    @Test
    void aTransactionThatEndsInTwoWaysIsCaught() throws Exception {
        Planted.TRANSACTION_TORN.isCaughtAs(
                "is torn", seed -> new Run(seed, Planted.TRANSACTION_TORN).play());
    }

    @Test
    void aBatchThatOvertakesAnEarlierOneIsCaught() throws Exception {
        Planted.BATCH_OVERTAKEN.isCaughtAs(
                "was overtaken", seed -> new Run(seed, Planted.BATCH_OVERTAKEN).play());
    }

    private static final class Run {
        private final Random random;
        private final SimulatedServer server;
        private final List<SimulatedClient> clients = new ArrayList<>();
        private final Map<String, Truth> truths = new HashMap<>();
        private final boolean crashes;

        Run(long seed, Planted planted) {
            random = new Random(seed);
            server = new SimulatedServer(random, planted);
            crashes = random.nextInt(3) > 0;
            if (random.nextInt(3) == 0) {
                server.grown("raising", Transaction.LAST_EPOCH - random.nextInt(6));
                server.grown("keeping", Transaction.LAST_EPOCH - random.nextInt(6));
            }
            for (int i = 0; i < 3; i++) {
                clients.add(start(i % 2 == 0));
            }
        }

        private SimulatedClient start(boolean raisesEpoch) {
            return new SimulatedClient(
                    raisesEpoch ? "raising" : "keeping", raisesEpoch, random, server, truths);
        }

        long play() {
            for (int step = 0; step < STEPS; step++) {
                step();
                check();
            }
            server.calmDown();
            Map<String, Boolean> decided = check();
            checkEnded(decided);
            return STEPS;
        }

        private void step() {
            int chance = random.nextInt(400);
            if (crashes && chance == 0) {
                server.crash();
                clients.forEach(SimulatedClient::reconnect);
            } else if (crashes && chance == 1) {
                server.moveCoordinator();
            } else if (chance == 2) {
                server.nowMs += SimulatedServer.TIMEOUT_MS;
            } else if (chance == 3) {
                clients.set(1, start(random.nextBoolean()));
            } else if (chance < 120) {
                act(random.nextInt(clients.size()));
            } else {
                server.step();
            }
        }

        private void act(int index) {
            SimulatedClient client = clients.get(index);
            if (client.dead) {
                clients.set(index, start(client.raisesEpoch));
            } else {
                client.act();
            }
        }

        /** Returns what has been decided of each transaction; all partitions agree. */
        private Map<String, Boolean> check() {
            Map<String, Boolean> all = new HashMap<>();
            for (SimulatedPartition partition : server.partitions) {
                partition
                        .check()
                        .forEach((tag, committed) -> {
                            @Nullable Boolean before = all.put(tag, committed);
                            assertThat(before == null || before.equals(committed))
                                    .as("%s is torn between partitions", tag)
                                    .isTrue();
                        });
            }
            all.forEach((tag, committed) -> {
                Truth truth = truths.getOrDefault(tag, new Truth());
                assertThat(!committed || truth.commitAsked)
                        .as("%s is committed, and nobody asked for it", tag)
                        .isTrue();
                assertThat(committed || !truth.commitAnswered)
                        .as("%s was aborted after its commit was answered", tag)
                        .isTrue();
            });
            return all;
        }

        private void checkEnded(Map<String, Boolean> decided) {
            assertThat(server.isIdle()).as("comes to rest").isTrue();
            for (TransactionDescription each : server.shard.list()) {
                assertThat(each.state().isPrepared() || each.state() == TransactionState.ONGOING)
                        .as("%s is left open", each)
                        .isFalse();
            }
            for (SimulatedPartition partition : server.partitions) {
                assertThat(partition.hasOpen()).as("%s is left open", partition.name).isFalse();
            }
            truths.forEach((tag, truth) -> {
                if (truth.commitAnswered) {
                    truth.acknowledged.forEach((index, count) ->
                            assertThat(server.partitions.get(index).visible(tag, decided))
                                    .as("records of %s in %d", tag, index)
                                    .isEqualTo((long) count));
                }
            });
        }
    }
}
