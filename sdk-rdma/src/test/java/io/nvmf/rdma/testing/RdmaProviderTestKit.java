package io.nvmf.rdma.testing;

/**
 * What every provider of RDMA proves: extend this with a provider, where it listens, and how its connections are cut.
 *
 * <p>Each test opens connections of its own. After it everything is closed, all memory must have been given back, and
 * no call-back may have broken the contract. Nothing is assumed of times but that what has to come does so within 30 s.
 * The connector sends the first message of a connection, because some protocols want that.
 */
public abstract class RdmaProviderTestKit extends RdmaKitFixture
        implements RdmaConnectBehaviour,
                RdmaListenBehaviour,
                RdmaMessageBehaviour,
                RdmaWindowBehaviour,
                RdmaTransferBehaviour,
                RdmaCloseBehaviour,
                RdmaEndBehaviour {}
